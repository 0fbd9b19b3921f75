"""What the demo's marketing planned: whom, with what, and in which words."""

from decimal import Decimal
from typing import Any

# What a third of the households told about themselves; the words are the source's.
ATTRIBUTES: list[dict[str, Any]] = [
    # Which of the customer's own fields the demo made up.
    {"code": "invented", "label": "Invented for the demo", "type": "text"},
    {
        "code": "age_band",
        "label": "Age band",
        "type": "choice",
        "choices": ["19-24", "25-34", "35-44", "45-54", "55-64", "65+"],
    },
    {
        "code": "income_band",
        "label": "Income band",
        "type": "choice",
        "choices": [
            "Under 15K", "15-24K", "25-34K", "35-49K", "50-74K", "75-99K", "100-124K",
            "125-149K", "150-174K", "175-199K", "200-249K", "250K+",
        ],
    },
    {
        "code": "household_size",
        "label": "People in the household",
        "type": "choice",
        "choices": ["1", "2", "3", "4", "5+"],
    },
    {
        "code": "children",
        "label": "Children",
        "type": "choice",
        "choices": ["0", "1", "2", "3+"],
    },
    {
        "code": "home_ownership",
        "label": "Home",
        "type": "choice",
        "choices": ["Homeowner", "Probable Homeowner", "Renter", "Probable Renter"],
    },
    {
        "code": "marital_status",
        "label": "Marital status",
        "type": "choice",
        "choices": ["Married", "Unmarried"],
    },
]  # fmt: skip

# Who may get addresses as hashes, where people allow it: the notice's words, by language.
PARTNERS = {
    "en": {
        "body": (
            "If you allow it, we pass your e-mail on to the advertising platforms named here, as a"
            " hash that only somebody who knows your e-mail already can read. They show you our"
            " offers, or leave you out of them. You can take it back at any time."
        ),
        "recipients": "Google Ads (Google) and Meta (Facebook, Instagram).",
        "retention": "The platforms delete the hashes after comparing them.",
    },
    "pt-br": {
        "body": (
            "Se você permitir, repassamos seu e-mail às plataformas de anúncios citadas aqui, como"
            " um hash que só lê quem já conhece o seu e-mail. Elas mostram nossas ofertas a você"
            " ou deixam você de fora. Você pode voltar atrás a qualquer momento."
        ),
        "recipients": "Google Ads (Google) e Meta (Facebook, Instagram).",
        "retention": "As plataformas apagam os hashes depois de comparar.",
    },
}

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
