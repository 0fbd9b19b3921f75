"""Write a world to the database, in a few statements."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from campaigns.models import Offer, Redemption, Voucher
from consent.models import Permission, PrivacySettings, Purpose, Restriction, Wish
from consent.models.choices import ALWAYS
from customers.models import (
    AttributeDefinition,
    Cart,
    Case,
    Customer,
    CustomerMetrics,
    DeclaredField,
    DeclaredKind,
    Event,
    Order,
    OrderLine,
    Product,
    SurveyAnswer,
)
from loyalty import models
from loyalty.models import Account, Programme, Tier
from segments.models import Membership, Segment
from tests.segments.worlds.people import (
    CATEGORIES,
    OFFERS,
    RULE,
    SEGMENTS,
    SKUS,
    TASTED,
    TIERS,
    TYPES,
    Member,
    Metrics,
    Person,
    Row,
    name_of,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_number = count(1)


def settle(
    world: list[Person], *, purpose: Purpose, at: datetime, unknown_age_is_minor: bool = False
) -> dict[int, Person]:
    """Write the people to the database; return them by the ids they got."""
    PrivacySettings.objects.update_or_create(
        defaults={"unknown_age_is_minor": unknown_age_is_minor}
    )
    purpose.save()
    declare()
    customers = Customer.objects.bulk_create(_customer(person, at=at) for person in world)
    people = {
        customer.pk: replace(person, pk=customer.pk)
        for customer, person in zip(customers, world, strict=True)
    }
    _write_states(people.values(), purpose=purpose, at=at)
    _write_rows(people.values(), at=at)
    return people


def declare() -> None:
    """Write what the shop decided: attributes, kinds of event, goods, segments, offers, tiers."""
    AttributeDefinition.objects.bulk_create(
        AttributeDefinition(
            code=code,
            label=code,
            type=type_,
            choices=["Gold", "Silver"] if type_ == "choice" else [],
            category="inferred" if code == "tier" else "demographic",
        )
        for code, type_ in TYPES.items()
    )
    tasted = DeclaredKind.objects.create(code="shop.tasted", label="Tasted", category="browsing")
    DeclaredField.objects.bulk_create(
        DeclaredField(kind=tasted, name=name, type=type_) for name, type_ in TASTED.items()
    )
    Product.objects.bulk_create(
        Product(sku=SKUS[category], name=name_of(category), category=category)
        for category in CATEGORIES
    )
    Segment.objects.bulk_create(
        Segment(pk=pk, name=f"segment {pk}", rule=RULE, filled_at=LONG_AGO) for pk in SEGMENTS
    )
    Offer.objects.bulk_create(Offer(name=name, percent=10) for name in OFFERS)
    programme = Programme.objects.create(name="Club")
    Tier.objects.bulk_create(
        Tier(programme=programme, name=name, rank=rank, minimum_spend=0)
        for rank, name in enumerate(TIERS, start=1)
    )


def _customer(person: Person, *, at: datetime) -> Customer:
    return Customer(
        external_id=f"person-{next(_number)}",
        **person.facts,
        attributes=person.attributes,
        birth_date=person.birth_date,
        timezone=person.timezone,
        registered_at=at - person.registered,
        erased_at=at if person.erased else None,
    )


def _write_states(people: Iterable[Person], *, purpose: Purpose, at: datetime) -> None:
    people = list(people)
    CustomerMetrics.objects.bulk_create(
        _metrics(it.pk, it.metrics, at=at) for it in people if it.metrics
    )
    Permission.objects.bulk_create(
        Permission(
            purpose=purpose,
            customer_id=it.pk,
            valid_until=LONG_AGO if it.has_ended else ALWAYS,
            **it.answers,
        )
        for it in people
        if it.answers is not None
    )
    Permission.objects.bulk_create(
        Permission(
            purpose_id=code,
            customer_id=it.pk,
            valid_until=LONG_AGO if it.has_ended else ALWAYS,
            **given,
        )
        for it in people
        for code, given in it.elsewhere.items()
    )
    Wish.objects.bulk_create(
        Wish(customer_id=it.pk, paused_until=at + it.paused) for it in people if it.paused
    )
    Restriction.objects.bulk_create(_restriction(it, at=at) for it in people if it.restricted)
    Membership.objects.bulk_create(
        Membership(
            segment_id=SEGMENTS[place],
            customer_id=it.pk,
            entered_at=at - timedelta(days=days),
            left_at=at - timedelta(days=days - 1) if has_left else None,
            cause="manual",
        )
        for it in people
        for has_left, days, places in ((False, 1, it.segments), (True, 3, it.left))
        for place in places
    )
    _write_members({it.pk: it.member for it in people if it.member}, at=at)


def _metrics(customer: int, found: Metrics, *, at: datetime) -> CustomerMetrics:
    names = ("first_order", "last_order", "last_event", "last_open", "last_click")
    ago = {name: getattr(found, name) for name in names}
    recency, frequency, monetary = found.scores or (None, None, None)
    return CustomerMetrics(
        customer_id=customer,
        order_count=found.order_count,
        spend=found.spend,
        buys=list(found.buys),
        year_spend=found.year_spend,
        growth_potential=found.growth_potential,
        recency_score=recency,
        frequency_score=frequency,
        monetary_score=monetary,
        **{f"{name}_at": None if age is None else at - age for name, age in ago.items()},
    )


def _restriction(person: Person, *, at: datetime) -> Restriction:
    yesterday = at - timedelta(days=1)
    return Restriction(
        customer_id=person.pk,
        reason="objected",
        since=at - timedelta(days=2),
        lifted_at=yesterday if person.restricted == "lifted" else None,
        until=yesterday if person.restricted == "over" else None,
    )


def _write_members(joined: dict[int, Member], *, at: datetime) -> None:
    programme = Programme.objects.get(name="Club")
    tiers = {tier.name: tier for tier in programme.tiers.all()}
    members = models.Member.objects.bulk_create(
        models.Member(
            customer_id=pk,
            programme=programme,
            tier=tiers[it.tier] if it.tier else None,
            joined_at=at - it.joined,
        )
        for pk, it in joined.items()
    )
    Account.objects.bulk_create(
        Account(programme=programme, member=member, kind="available", balance=it.points)
        for member, it in zip(members, joined.values(), strict=True)
    )


def _write_rows(people: Iterable[Person], *, at: datetime) -> None:
    every = [(person.pk, row) for person in people for row in person.rows]
    offers = {offer.name: offer for offer in Offer.objects.all()}
    found = {
        model: [
            _row(model, pk, row, offers, at=at) for pk, row in every if MODELS[row.kind] == model
        ]
        for model in (Order, Cart, Case, SurveyAnswer, Event, Voucher)
    }
    for model, rows in found.items():
        model.objects.bulk_create(rows)
    _write_lines(found[Order], [row for _pk, row in every if row.kind == "order"])
    _write_redemptions([(pk, row) for pk, row in every if row.kind == "redemption"], offers, at=at)


EVENTS = {
    "view": "customers.product_viewed",
    "message_sent": "campaigns.message_sent",
    "campaign_received": "campaigns.campaign_received",
    "message_opened": "campaigns.message_opened",
    "link_followed": "campaigns.link_followed",
    "points_earned": "loyalty.points_earned",
    "withdrawn": "consent.withdrawn",
    "tasted": "shop.tasted",
}
MODELS: dict[str, Any] = {
    "order": Order,
    "cart": Cart,
    "case": Case,
    "survey_answer": SurveyAnswer,
    "voucher": Voucher,
    "redemption": Redemption,
    **dict.fromkeys(EVENTS, Event),
}


def _row(model: Any, customer: int, row: Row, offers: dict[str, Offer], *, at: datetime) -> Any:
    number, told = f"row-{next(_number)}", dict(row.told)
    facts: dict[str, Any] = {"customer_id": customer}
    moment = at - row.ago
    if model is Order:
        facts |= {"external_id": number, "ordered_at": moment, "store": told["store"]}
        facts |= {"total": told["amount"], "discount": told["discount"]}
        return Order(**facts, status="placed" if row.counts else "returned")
    if model is Cart:
        facts |= {"external_id": number, "changed_at": moment, "total": told["amount"]}
        state = "open" if row.counts else "converted"
        return Cart(**facts, state=state, item_count=told["items"])
    if model is Case:
        return Case(**facts, **told, reference=number, subject="?", opened_at=moment)
    if model is SurveyAnswer:
        return SurveyAnswer(**facts, **told, reference=number, answered_at=moment)
    if model is Event:
        data = {name: value for name, value in told.items() if value is not None}
        facts |= {"kind": EVENTS[row.kind], "occurred_at": moment, "data": data}
        return Event(**facts, reference=number)
    return _voucher(customer, row, offers[told["offer"]], number, at=at)


def _voucher(customer: int, row: Row, offer: Offer, number: str, *, at: datetime) -> Voucher:
    return Voucher(
        offer=offer,
        customer_id=customer,
        code_hash=number.encode(),
        code_sealed=b"",
        code_ending="",
        valid_from=LONG_AGO,
        valid_until=at + (row.ends or timedelta(days=1)),
        use_count=0 if row.counts else 1,
        reference=number,
        issued_at=at - row.ago,
    )


def _write_lines(orders: list[Order], rows: list[Row]) -> None:
    products = {product.category: product for product in Product.objects.all()}
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            number=number,
            product=products[line["category"]],
            quantity=line["quantity"],
            returned_quantity=line["returned"],
            total=line["total"],
        )
        for order, row in zip(orders, rows, strict=True)
        for number, line in enumerate(row.told["lines"], start=1)
    )


def _write_redemptions(
    rows: list[tuple[int, Row]], offers: dict[str, Offer], *, at: datetime
) -> None:
    """Write them with the codes they were made with, which are nobody's."""
    numbers = [f"redeemed-{next(_number)}" for _row in rows]
    vouchers = Voucher.objects.bulk_create(
        _nobodys(_voucher(pk, row, offers[row.told["offer"]], number, at=at))
        for (pk, row), number in zip(rows, numbers, strict=True)
    )
    Redemption.objects.bulk_create(
        Redemption(
            voucher=voucher,
            offer=voucher.offer,
            customer_id=pk,
            order_reference=voucher.reference,
            cart_total=100,
            discount=row.told["discount"],
            state="redeemed" if row.counts else "rolled_back",
            redeemed_at=at - row.ago,
            reference=voucher.reference,
        )
        for (pk, row), voucher in zip(rows, vouchers, strict=True)
    )


def _nobodys(voucher: Voucher) -> Voucher:
    voucher.customer_id = None
    return voucher
