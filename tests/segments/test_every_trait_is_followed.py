"""Whatever a rule may ask about is followed: the act, the consumer, and the membership is right.

A new trait is a red test until its row stands here. What only the night works out has its own
table; nothing else waits for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from campaigns.operations.offers import save_offer
from campaigns.operations.redemptions import redeem
from campaigns.operations.vouchers import issue, void
from campaigns.queries.vouchers import code_of
from consent.enums import Act, Channel, RestrictionReason
from consent.operations.restrictions import restrict
from consent.operations.wishes import wish
from customers.enums import Category, ContactChannel
from customers.models import Customer, DeclaredKind, Order, Product
from customers.operations.buys import refresh_buys
from customers.operations.carts import abandon, keep_cart
from customers.operations.cases import open_case, resolve_case
from customers.operations.erasing import erase
from customers.operations.growth import refresh_growth
from customers.operations.metrics import rescore, set_score_cuts
from customers.operations.notes import tag
from customers.operations.orders import cancel_order, record_order
from customers.operations.profile import save_customer
from customers.operations.surveys import record_answer
from customers.operations.timeline import record_event
from customers.queries.timeline import all_kinds
from customers.rules.returns import Line
from loyalty.operations.members import enrol
from loyalty.operations.tiers import set_tiers
from loyalty.queries import the_programme
from segments.enums import SweepReason
from segments.models import Segment, Sweep
from segments.operations.sweeping import ask_for_sweep, go_on_sweeping
from segments.queries import traits
from segments.traits.happenings import NOT_ASKED
from tests.customers.imports.files import brought_in
from tests.factories import (
    NOW,
    make_attribute,
    make_cart,
    make_choice,
    make_customer,
    make_notice_version,
    make_offer,
    make_order,
    make_product,
    make_user,
)
from tests.loyalty.factories import give, make_member
from tests.segments.test_consumers import LATER, follow_all
from tests.segments.test_reconsidering import inside, live
from tests.segments.worlds.asking import PURPOSES

DAY = timedelta(days=1)
PRODUCT = "coffee"
YES: Mapping[str, Any] = {"operator": "yes"}
NO: Mapping[str, Any] = {"operator": "no"}
DID: Mapping[str, Any] = {"operator": "did"}
KNOWN: Mapping[str, Any] = {"operator": "known"}
RECENT: Mapping[str, Any] = {"operator": "since", "value": "2026-03-02"}


@dataclass(frozen=True)
class Row:
    """What a rule asks of a trait, and what happens so that somebody is meant who was not."""

    condition: Mapping[str, Any]
    act: Callable[[Customer], Any]


def is_(value: Any) -> dict[str, Any]:
    return {"operator": "is", "value": value}


def at_least(value: Any) -> dict[str, Any]:
    return {"operator": "at_least", "value": value}


def any_of(*values: str) -> dict[str, Any]:
    return {"operator": "any_of", "value": list(values)}


def becoming(**facts: Any) -> Callable[[Customer], Any]:
    """Return the act of changing the profile."""

    def act(customer: Customer) -> None:
        for name, value in facts.items():
            setattr(customer, name, value)
        save_customer(customer, at=LATER)

    return act


def order(customer: Customer) -> Order:
    product = Product.objects.filter(sku=PRODUCT).first() or make_product(sku=PRODUCT)
    return make_order(customer, product=product, ordered_at=LATER, at=LATER)


def order_twice(customer: Customer) -> None:
    make_order(customer, ordered_at=NOW - DAY, at=NOW)
    order(customer)


def cart(customer: Customer, changed_at=LATER):
    number = f"cart-{customer.pk}"
    return keep_cart(
        customer, external_id=number, total=Decimal(80), item_count=2, changed_at=changed_at
    )


def case(customer: Customer):
    number = f"case-{customer.pk}"
    return open_case(
        customer, channel=ContactChannel.EMAIL, subject="Late", reference=number, at=LATER
    )


def answer(customer: Customer) -> None:
    number = f"answer-{customer.pk}"
    record_answer(customer, score=9, answered_at=LATER, reference=number)


def happening(kind: str) -> Callable[[Customer], Any]:
    def act(customer: Customer) -> None:
        number = f"{kind}:{customer.pk}:test"
        record_event(customer, kind=kind, at=LATER, reference=number)

    return act


def choosing(channel: Channel, purpose: str = "marketing") -> Callable[[Customer], Any]:
    return lambda customer: make_choice(customer, purpose=purpose, channels=[channel], at=LATER)


def pausing(customer: Customer) -> None:
    wish(customer, paused_until=LATER + DAY, at=LATER)


def voucher(customer: Customer, prefix: str = "gift", at=LATER):
    offer = make_offer(name=f"Offer of {customer.pk}")
    return issue(offer, customers=[customer.pk], reference_prefix=prefix, at=at).get()


def use(customer: Customer, of=None) -> None:
    redeem(
        code_of(of or voucher(customer)),
        customer=customer,
        order_reference=f"till-{customer.pk}",
        cart=make_cart(),
        reference=f"till-{customer.pk}",
        at=LATER,
    )


def join(customer: Customer) -> None:
    enrol(the_programme(), customers=[customer.pk], at=LATER)


def earn(customer: Customer) -> None:
    give(make_member(customer=customer), 50, at=LATER)


def rise(customer: Customer) -> None:
    make_member(customer=customer)
    make_order(customer, total="99999.00", ordered_at=NOW, at=NOW)
    set_tiers(the_programme(), customers=[customer.pk], at=LATER)


NEAR_RECIFE = {"country": "BR", "city": "Recife", "km": 30}
SECONDS = {
    "attribute.shoe_size": Row(at_least(40), becoming(attributes={"shoe_size": 42})),
    "campaigns.holds_voucher": Row(DID, voucher),
    "campaigns.redeemed": Row(DID, use),
    **{f"consent.{it.value}": Row(YES, choosing(it)) for it in Channel},
    **{
        f"consent.{purpose}.{it.value}": Row(YES, choosing(it, purpose))
        for purpose in PURPOSES
        for it in Channel
    },
    "consent.paused": Row(YES, pausing),
    "customers.age": Row(at_least(30), becoming(birth_date=date(1980, 5, 1))),
    "customers.average_order": Row(at_least(1), order),
    "customers.birthday": Row(KNOWN, becoming(birth_date=date(1980, 5, 1))),
    "customers.bought": Row(any_of("Grocery > Dairy"), order),
    "customers.carts": Row(DID, cart),
    "customers.cases": Row(DID, case),
    "customers.city": Row(is_("Porto"), becoming(city="Porto")),
    "customers.country": Row(is_("PT"), becoming(country="PT")),
    "customers.days_between_orders": Row(KNOWN, order_twice),
    "customers.first_order": Row(RECENT, order),
    "customers.gender": Row(is_("female"), becoming(gender="female")),
    "customers.goods": Row(DID, order),
    "customers.has_email": Row(NO, becoming(email="")),
    "customers.has_phone": Row(YES, becoming(phone="+5511987654321")),
    "customers.interests": Row(any_of("wine"), becoming(interests=["wine"])),
    "customers.language": Row(is_("en"), becoming(language="en")),
    "customers.last_click": Row(RECENT, happening("campaigns.link_followed")),
    "customers.last_open": Row(RECENT, happening("campaigns.message_opened")),
    "customers.last_order": Row(RECENT, order),
    "customers.last_seen": Row(RECENT, happening("customers.page_viewed")),
    "customers.near": Row(
        {"operator": "near", "value": NEAR_RECIFE}, becoming(country="BR", city="Olinda")
    ),
    "customers.open_cart": Row(YES, cart),
    "customers.open_case": Row(YES, case),
    "customers.order_count": Row(at_least(1), order),
    "customers.orders": Row(DID, order),
    "customers.postal_code": Row(is_("50000"), becoming(postal_code="50000")),
    "customers.registered": Row(
        {"operator": "before", "value": "2026-01-01"}, becoming(registered_at=NOW - 100 * DAY)
    ),
    "customers.spend": Row(at_least(1), order),
    "customers.stage": Row(is_("customer"), order),
    "customers.state": Row(is_("PE"), becoming(state="PE")),
    "customers.survey_answers": Row(DID, answer),
    "customers.tags": Row(any_of("vip"), lambda it: tag(it, text="vip", by=make_user(), at=LATER)),
    "customers.timezone": Row(is_("Asia/Tokyo"), becoming(timezone="Asia/Tokyo")),
    "loyalty.joined": Row(KNOWN, join),
    "loyalty.points": Row(at_least(1), earn),
    "loyalty.tier": Row(KNOWN, rise),
    # Whom it asks for the test says.
    "segments.member": Row({"operator": "inside"}, becoming(postal_code="60000")),
}
TODAY = {"operator": "did", "window": {"from": "2026-03-02"}}
# What a calculation of the night says of what happened by day, with the sweep that follows it.
BY_NIGHT = {
    "customers.buys": Row(any_of("Grocery > Dairy"), order),
    "customers.frequency_score": Row(KNOWN, order),
    "customers.growth_potential": Row(KNOWN, order),
    "customers.growth_share": Row(KNOWN, order),
    "customers.monetary_score": Row(KNOWN, order),
    "customers.recency_score": Row(KNOWN, order),
    "customers.rfm_group": Row(KNOWN, order),
    "customers.year_spend": Row(at_least(1), order),
}
# Nothing that happens changes it.
FOR_EVER = {"segments.share"}


def happenings() -> dict[str, Row]:
    kinds = all_kinds().keys() - NOT_ASKED
    return {f"events.{code}": Row(TODAY, happening(code)) for code in sorted(kinds)}


def somebody() -> Customer:
    """Return somebody known for days, all of whose data may be used, by no channel yet."""
    customer = make_customer(at=NOW - 2 * DAY)
    make_choice(customer, categories=tuple(Category), occurred_at=NOW - 2 * DAY)
    return customer


def asking(conditions: Mapping[str, Mapping[str, Any]]) -> dict[str, Segment]:
    """Return a segment for each condition, that follows every change from now on."""
    made = Segment.objects.bulk_create(
        Segment(
            name=name,
            rule={"all": [condition]},
            purpose_id="marketing",
            filled_at=NOW,
            refreshed_at=NOW,
        )
        for name, condition in conditions.items()
    )
    return {segment.name: segment for segment in made}


def conditions_of(rows: Mapping[str, Row]) -> dict[str, Mapping[str, Any]]:
    return {code: {"trait": code, **row.condition} for code, row in rows.items()}


def is_in(segments: Mapping[str, Segment], people: Mapping[str, Customer]) -> dict[str, bool]:
    return {code: people[code].pk in inside(segment) for code, segment in segments.items()}


def declare() -> None:
    """Declare what the shop has of its own."""
    make_attribute("shoe_size")
    DeclaredKind.objects.create(code="shop.tasted", label="Tasted", category=Category.BROWSING)


def test_every_trait_has_a_row(db):
    declare()

    assert {*SECONDS, *happenings(), *BY_NIGHT, *FOR_EVER} == set(traits())


def test_whatever_is_asked_about_is_followed(real_db):
    declare()
    make_notice_version(purposes=PURPOSES)
    rows = {**SECONDS, **happenings()}
    asked_for = live(rule={"all": [{"trait": "customers.postal_code", **is_("60000")}]})
    inside_it = {"operator": "inside", "value": [asked_for.pk]}
    rows["segments.member"] = Row(inside_it, rows["segments.member"].act)
    people = {code: somebody() for code in rows}
    segments = asking(conditions_of(rows))
    follow_all()
    assert is_in(segments, people) == dict.fromkeys(rows, False)

    for code, row in rows.items():
        row.act(people[code])
    follow_all()

    assert is_in(segments, people) == dict.fromkeys(rows, True)
    assert not Sweep.objects.exists()


def test_what_the_night_works_out_is_followed_after_it(real_db, monkeypatch):
    monkeypatch.setattr("customers.operations.growth.FEWEST_PEERS", 1)
    people = {code: somebody() for code in BY_NIGHT}
    segments = asking(conditions_of(BY_NIGHT))
    for code, row in BY_NIGHT.items():
        row.act(people[code])
    follow_all()

    set_score_cuts(at=LATER)
    rescore()
    refresh_growth(at=LATER)
    refresh_buys(at=LATER)
    ask_for_sweep(SweepReason.MANY, at=LATER)
    sweep_all()

    assert is_in(segments, people) == dict.fromkeys(BY_NIGHT, True)


@dataclass(frozen=True)
class Ending:
    """What made somebody be meant, and what ends it."""

    condition: Mapping[str, Any]
    before: Callable[[Customer], Any]
    act: Callable[[Customer, Any], Any]


def own_voucher(customer: Customer):
    return voucher(customer, at=NOW)


def own_order(customer: Customer) -> Order:
    return make_order(customer, ordered_at=NOW, at=NOW)


def own_cart(customer: Customer):
    return cart(customer, changed_at=NOW)[0]


def name_cart(customer: Customer, known: Order, left) -> None:
    lines = [Line(it.product.sku, it.quantity, it.total) for it in known.lines.all()]
    record_order(
        customer,
        external_id=known.external_id,
        ordered_at=known.ordered_at,
        lines=lines,
        cart=left.external_id,
        at=LATER,
    )


ORDERED = {"trait": "customers.orders", **DID}
HOLDS = {"trait": "campaigns.holds_voucher", **DID}
CASE = {"trait": "customers.cases", **DID}
OPEN_CART = {"trait": "customers.open_cart", **YES}
ENDINGS = {
    "a voucher is used": Ending(HOLDS, own_voucher, lambda it, held: use(it, of=held)),
    "a voucher is voided": Ending(
        HOLDS, own_voucher, lambda it, held: void(held, by=make_user(), at=LATER)
    ),
    "a cart is ordered": Ending(
        OPEN_CART,
        own_cart,
        lambda it, left: make_order(it, ordered_at=LATER, at=LATER, cart=left.external_id),
    ),
    "an order that is known is told with its cart": Ending(
        OPEN_CART, lambda it: (own_order(it), own_cart(it)), lambda it, both: name_cart(it, *both)
    ),
    "a cart is abandoned": Ending(
        OPEN_CART, own_cart, lambda it, _: abandon(after=timedelta(minutes=30), at=LATER)
    ),
    "a case is resolved": Ending(
        {"trait": "customers.open_case", **YES},
        case,
        lambda it, opened: resolve_case(opened, resolution="Sent again", at=LATER),
    ),
    "an order is cancelled": Ending(
        ORDERED, own_order, lambda it, placed: cancel_order(placed, at=LATER)
    ),
    "a kind of data is refused": Ending(
        ORDERED,
        own_order,
        lambda it, _: make_choice(
            it, act=Act.REFUSED, categories=[Category.PURCHASE], occurred_at=LATER, at=LATER
        ),
    ),
    "nothing may be used any more": Ending(
        ORDERED,
        own_order,
        lambda it, _: restrict(it, reason=RestrictionReason.DISPUTED, at=LATER),
    ),
    "a customer is erased": Ending(
        ORDERED, own_order, lambda it, _: erase(it, by=make_user(), reason="asked", at=LATER)
    ),
}


def test_whoever_is_no_longer_meant_leaves(real_db):
    people = {words: somebody() for words in ENDINGS}
    earlier = {words: row.before(people[words]) for words, row in ENDINGS.items()}
    segments = asking({words: row.condition for words, row in ENDINGS.items()})
    follow_all()
    assert is_in(segments, people) == dict.fromkeys(ENDINGS, True)

    for words, row in ENDINGS.items():
        row.act(people[words], earlier[words])
    follow_all()

    assert is_in(segments, people) == dict.fromkeys(ENDINGS, False)


def sweep_all() -> None:
    while go_on_sweeping(at=LATER):
        pass


def test_goods_that_go_to_another_category_are_followed(real_db):
    customer = somebody()
    make_order(customer, product=make_product(sku=PRODUCT, category="Wine"), at=NOW)
    bought = asking({"bread": {"trait": "customers.bought", **any_of("Bread")}})
    follow_all()
    assert is_in(bought, {"bread": customer}) == {"bread": False}

    brought_in("products", f"sku,name,category\n{PRODUCT},Coffee,Bread\n", at=LATER)
    follow_all()
    sweep_all()

    assert is_in(bought, {"bread": customer}) == {"bread": True}


def test_an_offer_by_another_name_is_followed(real_db):
    customer = somebody()
    held = voucher(customer, at=NOW)
    asked_for = {"trait": "campaigns.holds_voucher", **DID, "where": {"offer": "Spring"}}
    holding = asking({"spring": asked_for})
    follow_all()

    held.offer.name = "Spring"
    save_offer(held.offer, at=LATER)
    sweep_all()

    assert is_in(holding, {"spring": customer}) == {"spring": True}


@pytest.mark.parametrize(
    ("kind", "content", "condition"),
    [
        ("carts", "cart,customer,updated_at,sku,quantity\nK1,C1,2026-03-01,coffee,1\n", OPEN_CART),
        ("cases", "case,customer,channel,subject,opened_at\nF1,C1,email,Late,2026-03-01\n", CASE),
        ("vouchers", "code,offer,customer\nABCD-2345-EFGH,Spring,C1\n", HOLDS),
    ],
)
def test_what_files_bring_is_followed(real_db, kind, content, condition):
    make_product(sku="coffee")
    make_offer(name="Spring")
    customer = somebody()
    Customer.objects.filter(pk=customer.pk).update(external_id="C1")
    segments = asking({kind: condition})
    follow_all()

    brought_in(kind, content)
    follow_all()

    assert is_in(segments, {kind: customer}) == {kind: True}


def test_a_blocked_address_changes_nothing_that_a_rule_asks_about(real_db):
    """Whether somebody can be written to is asked when they are: it keeps nobody out."""
    customer = somebody()
    make_choice(customer, channels=[Channel.EMAIL])
    allowed = asking({"e-mail": {"trait": "consent.email", **YES}})
    follow_all()

    brought_in("suppressions", f"email\n{customer.email}\n", at=LATER)
    follow_all()
    ask_for_sweep(SweepReason.PROOF, at=LATER)
    sweep_all()

    assert is_in(allowed, {"e-mail": customer}) == {"e-mail": True}
    assert Sweep.objects.get().memberships == 0
