"""What the demo's marketing planned: whom, with what, and in which words."""

from decimal import Decimal
from typing import Any

SEGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Regulars": (
        "Bought at least three times in 60 days.",
        {
            "all": [
                {
                    "trait": "customers.orders",
                    "operator": "at_least",
                    "value": 3,
                    "window": {"days": 60},
                },
                {"trait": "customers.spend", "operator": "at_least", "value": "300.00"},
            ]
        },
    ),
    "Sleeping": (
        "No order for 60 days, and worth winning back.",
        {
            "all": [
                {"trait": "customers.last_order", "operator": "longer_ago", "value": 60},
                {"trait": "customers.spend", "operator": "at_least", "value": "500.00"},
            ]
        },
    ),
    "Birthday soon": (
        "Birthday in the next 7 days.",
        {"all": [{"trait": "customers.birthday", "operator": "in_next", "value": 7}]},
    ),
}

OFFER: dict[str, Any] = {
    "name": "20 % for regulars",
    "effect": "percent",
    "percent": Decimal(20),
    "cap": Decimal("50.00"),
    "minimum_order": Decimal("100.00"),
    "valid_days": 30,
    "per_customer_limit": 1,
}

TEMPLATE = {
    "name": "Thank you, regulars",
    "subject": "{{ customer.first_name | default: 'Olá' }}, 20% no seu próximo carrinho",
    "body": """<mjml>
  <mj-head>
    <mj-preview>Um vale de 20% para agradecer</mj-preview>
    <mj-attributes><mj-all font-family="Helvetica, Arial, sans-serif" /></mj-attributes>
  </mj-head>
  <mj-body background-color="#f4f4f0">
    <mj-section background-color="#0f766e">
      <mj-column>
        <mj-text color="#ffffff" font-size="22px" font-weight="bold">{{ shop.name }}</mj-text>
      </mj-column>
    </mj-section>
    <mj-section background-color="#ffffff">
      <mj-column>
        <mj-text font-size="16px" line-height="24px">
          Olá, {{ customer.first_name | default: 'cliente' }}!
        </mj-text>
        <mj-text font-size="16px" line-height="24px">
          Obrigado por comprar sempre com a gente. Este vale é só seu: {{ offer.summary }}
        </mj-text>
        <mj-text align="center" font-size="24px" font-weight="bold" letter-spacing="2px">
          {{ voucher.code }}
        </mj-text>
        <mj-button background-color="#0f766e" href="https://shop.clientela.example/ofertas">
          Ver as ofertas da semana
        </mj-button>
        <mj-text font-size="13px" color="#555555">Vale até {{ voucher.valid_until }}.</mj-text>
      </mj-column>
    </mj-section>
    <mj-section>
      <mj-column>
        <mj-text align="center" font-size="12px" color="#555555">
          {{ why }}<br />
          <a href="{{ unsubscribe_url }}">Não quero mais receber e-mails como este</a>
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
""",
}

CAMPAIGN = "Thank you, regulars"
