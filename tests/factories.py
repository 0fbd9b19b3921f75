"""Records for tests: plain functions; name only the facts that matter.

What a shop does through an operation is made through it, so that hashes, events and projections
stand as they would.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from django.conf import settings
from django.contrib.auth.models import Group

from campaigns.enums import ApologyReason, Effect
from campaigns.models import Apology, Campaign, Offer, Redemption, Template, Voucher
from campaigns.operations.apologies import ask_for_apology
from campaigns.operations.launching import launch
from campaigns.operations.redemptions import redeem
from campaigns.operations.templates import save_template
from campaigns.operations.vouchers import issue
from campaigns.queries.vouchers import code_of
from campaigns.rules.pricing import CartLine
from common.enums import Role, Scope
from common.models import ApiKey, User
from consent.enums import Act, Channel, PointKind
from consent.models import ConsentEvent, Notice, NoticeVersion, Purpose
from consent.operations.choices import record_choice
from consent.operations.notices import Words, draft, publish, write
from customers.enums import AttributeType, Category, OrderStatus
from customers.models import AttributeDefinition, Customer, Order, Product
from customers.operations.attributes import declare_attribute
from customers.operations.orders import record_order
from customers.operations.profile import save_customer
from customers.rules.returns import Line
from segments.enums import Cause
from segments.models import Membership, Segment

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

# Tells the records of one test apart where a test does not name them.
_number = count(1)


def make_user(*, role: Role | None = None, **facts) -> User:
    user = User(**{"username": f"user-{next(_number)}", "is_staff": True, **facts})
    user.set_password("secret")
    user.save()
    if role:
        user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    return user


def make_api_key(*scopes: Scope, **facts) -> tuple[ApiKey, str]:
    """Return the key and the credential to send."""
    key = ApiKey(**{"name": f"key {next(_number)}", "scopes": list(scopes), **facts})
    credential = key.renew_secret()
    key.save()
    return key, credential


def make_customer(*, at: datetime = NOW, **facts) -> Customer:
    number = next(_number)
    defaults = {
        "external_id": f"customer-{number}",
        "email": f"person{number}@mail.example",
        "first_name": "Ana",
        "last_name": "Souza",
        "registered_at": at,
    }
    return save_customer(Customer(**{**defaults, **facts}), at=at)


def make_attribute(code: str = "shoe_size", **facts) -> AttributeDefinition:
    defaults = {"label": code.replace("_", " ").capitalize(), "type": AttributeType.NUMBER}
    definition = AttributeDefinition(code=code, **{**defaults, **facts})
    definition.full_clean(validate_unique=False)
    return declare_attribute(definition, by=None, at=NOW)[0]


def make_product(**facts) -> Product:
    number = next(_number)
    defaults = {
        "sku": f"sku-{number}",
        "name": f"Product {number}",
        "category": "Grocery > Dairy",
        "price": Decimal("10.00"),
    }
    return Product.objects.create(**{**defaults, **facts})


def make_order(
    customer: Customer | None = None,
    *,
    total: Decimal | str = "100.00",
    product: Product | None = None,
    ordered_at: datetime = NOW,
    status: OrderStatus | None = None,
    external_id: str = "",
    lines: Sequence[Line] = (),
    cart: str = "",
    at: datetime = NOW,
) -> Order:
    product = product or make_product()
    return record_order(
        customer or make_customer(),
        external_id=external_id or f"order-{next(_number)}",
        ordered_at=ordered_at,
        lines=lines or [Line(product.sku, quantity=Decimal(1), total=Decimal(total))],
        status=status,
        cart=cart,
        at=at,
    )


def make_choice(
    customer: Customer,
    *,
    act: Act = Act.GIVEN,
    purpose: str = "marketing",
    channels: Collection[Channel] = (),
    categories: Collection[Category] = (),
    occurred_at: datetime = NOW,
    reference: str = "",
    at: datetime = NOW,
    **facts,
) -> list[ConsentEvent]:
    return record_choice(
        customer,
        purpose=Purpose.objects.get(pk=purpose),
        act=act,
        channels=channels,
        categories=categories,
        occurred_at=occurred_at,
        reference=reference or f"choice-{next(_number)}",
        at=at,
        **{"collection_point": PointKind.WEB_FORM, **facts},
    )


def make_notice_version(
    *,
    notice: str = "standard",
    purposes: Collection[str] = (),
    is_material: bool = False,
    published_at: datetime | None = NOW,
    body: str = "New words.",
) -> NoticeVersion:
    """Draft the next version of a notice and publish it, unless without a moment to."""
    shown, _ = Notice.objects.get_or_create(code=notice, defaults={"name": notice})
    version = write(
        draft(shown, by=None, at=NOW),
        words={code: Words(body, "Nobody", "A year") for code, _name in settings.LANGUAGES},
        purposes=Purpose.objects.filter(pk__in=purposes or ["marketing"]),
        is_material=is_material,
        by=None,
        at=NOW,
    )
    return publish(version, by=None, at=published_at) if published_at else version


def allow(
    customer: Customer, *channels: Channel, using: Collection[Category] = tuple(Category)
) -> Customer:
    """Let marketing write by these channels (e-mail if none is named) with all kinds of data."""
    make_choice(customer, channels=channels or [Channel.EMAIL], categories=using)
    return customer


def make_offer(**facts) -> Offer:
    """Twenty per cent off, at most 50.00, orders from 100.00, 30 days, once per customer."""
    defaults = {
        "name": f"Offer {next(_number)}",
        "effect": Effect.PERCENT,
        "percent": Decimal(20),
        "cap": Decimal("50.00"),
        "minimum_order": Decimal("100.00"),
    }
    return Offer.objects.create(**{**defaults, **facts})


def make_voucher(
    offer: Offer | None = None, *, customer: Customer | None = None, at: datetime = NOW, **facts
) -> tuple[Voucher, str]:
    """Return the voucher and its code; without a customer, whoever holds the code owns it."""
    owner = customer or make_customer()
    voucher = issue(
        offer or make_offer(),
        customers=[owner.pk],
        reference_prefix=f"test:{next(_number)}",
        at=at,
    ).get()
    changes = {"customer": customer, **facts}
    Voucher.objects.filter(pk=voucher.pk).update(**changes)
    voucher.refresh_from_db()
    return voucher, code_of(voucher)


def make_cart(total: Decimal | str = "120.00", sku: str = "coffee") -> list[CartLine]:
    return [CartLine(sku, Decimal(1), Decimal(total))]


def make_redemption(
    code: str = "",
    *,
    customer: Customer | None = None,
    order: str = "",
    total: Decimal | str = "120.00",
    reference: str = "",
    at: datetime = NOW,
) -> Redemption:
    customer = customer or make_customer()
    return redeem(
        code or make_voucher(customer=customer)[1],
        customer=customer,
        order_reference=order or f"order-{next(_number)}",
        cart=make_cart(total),
        reference=reference or f"redemption-{next(_number)}",
        at=at,
    )


def make_apology(
    customer: Customer | None = None,
    *,
    agent: User | None = None,
    amount: Decimal | str = "30.00",
    at: datetime = NOW,
    **facts,
) -> Apology:
    return ask_for_apology(
        customer or make_customer(),
        agent=agent or make_user(),
        amount=Decimal(amount),
        at=at,
        **{"reason": ApologyReason.LATE, "reference": f"apology-{next(_number)}", **facts},
    )


def make_segment(*members: Customer, at: datetime = NOW, **facts) -> Segment:
    """Put these customers into a segment by hand, beside a rule that nobody meets."""
    spends_millions = {"trait": "customers.spend", "operator": "at_least", "value": "9999999"}
    defaults = {"name": f"Segment {next(_number)}", "rule": {"all": [spends_millions]}}
    segment = Segment.objects.create(**{**defaults, "filled_at": at, **facts})
    Membership.objects.bulk_create(
        Membership(segment=segment, customer=member, entered_at=at, cause=Cause.MANUAL)
        for member in members
    )
    return segment


def in_mjml(text: str) -> str:
    return (
        "<mjml><mj-body><mj-section><mj-column>"
        f"<mj-text>{text}</mj-text>"
        "</mj-column></mj-section></mj-body></mjml>"
    )


def make_template(
    text: str = "Olá!",
    *,
    subject: str = "Hello",
    way_out: str = '<a href="{{ unsubscribe_url }}">Sair</a>',
    at: datetime = NOW,
) -> Template:
    body = in_mjml(f"{text} {way_out}")
    template = Template(name=f"Template {next(_number)}", subject=subject, body=body)
    return save_template(template, at=at)


def make_campaign(*members: Customer, **facts) -> Campaign:
    """Make the draft of a campaign to these customers, without a control group."""
    defaults = {"name": f"Campaign {next(_number)}", "control_share": 0}
    if "segment" not in facts:
        defaults["segment"] = make_segment(*members)
    if "template" not in facts:
        defaults["template"] = make_template()
    return Campaign.objects.create(**{**defaults, **facts})


def make_launched(*members: Customer, at: datetime = NOW, **facts) -> Campaign:
    return launch(make_campaign(*members, **facts), at=at)
