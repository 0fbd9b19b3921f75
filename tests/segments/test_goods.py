"""What somebody bought, line by line: how much of it, how often, for how much."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from consent.models import Purpose
from customers.enums import Category
from customers.rules.returns import Line
from segments.compiler import matching
from segments.queries import traits
from segments.queries.suggesting import suggestions
from segments.rules import BadRule, read_rule, sentence
from tests.factories import NOW, allow, make_customer, make_order, make_product

pytestmark = pytest.mark.django_db

DAIRY = "Grocery > Dairy"


def bought(customer, *lines: Line, ago: int = 1):
    return make_order(customer, lines=lines, ordered_at=NOW - timedelta(days=ago))


def line(sku: str, total: str, *, quantity: str = "1", returned: str = "0") -> Line:
    return Line(sku, Decimal(quantity), total=Decimal(total), returned_quantity=Decimal(returned))


def goods(operator: str, value=None, **more) -> dict:
    asked = {} if value is None else {"value": value}
    return {"trait": "customers.goods", "operator": operator, **asked, **more}


def who(condition) -> set[int]:
    rule = read_rule({"all": [condition]}, traits())
    marketing = Purpose.objects.get(pk="marketing")
    return set(matching(rule, purpose=marketing, at=NOW).values_list("pk", flat=True))


@pytest.fixture
def shelves(db):
    make_product(sku="milk", category=f"{DAIRY} > Milk", name="Whole milk")
    make_product(sku="cheese", category=DAIRY, name="Cheese")
    make_product(sku="wine", category="Wine", name="Red wine")


def test_what_is_added_up_is_what_was_paid_for_the_goods_not_for_their_orders(shelves):
    some, much = allow(make_customer()), allow(make_customer())
    bought(some, line("milk", "5.00"), line("wine", "300.00"))
    bought(much, line("milk", "5.00"), line("cheese", "45.00"), line("wine", "10.00"))
    asked = {"where": {"category": DAIRY}, "window": {"days": 30}}

    spent = goods("at_least", 50, measure={"sum": "amount"}, **asked)

    assert who(spent) == {much.pk}
    assert who({**spent, "value": 5}) == {some.pk, much.pk}


def test_all_that_is_asked_is_asked_of_one_line(shelves):
    customer = allow(make_customer())
    bought(customer, line("milk", "5.00"), line("wine", "300.00"))
    of_both = {"category": DAIRY, "sku": "wine"}

    assert who(goods("did", where={"category": DAIRY})) == {customer.pk}
    assert who(goods("did", where=of_both)) == set()
    # An order has both.
    assert who({**goods("did", where=of_both), "trait": "customers.orders"}) == {customer.pk}


def test_quantities_are_measured_and_what_came_back_is_not_bought(shelves):
    kept, sent_back = allow(make_customer()), allow(make_customer())
    bought(kept, line("milk", "12.00", quantity="6", returned="2"), line("wine", "9.00"))
    bought(sent_back, line("milk", "12.00", quantity="6", returned="6"), line("wine", "9.00"))
    of_milk = {"where": {"product": {"operator": "contains", "value": "MILK"}}}

    assert who(goods("did", **of_milk)) == {kept.pk}
    assert who(goods("exactly", 4, measure={"sum": "quantity"}, **of_milk)) == {kept.pk}
    assert who(goods("exactly", 8, measure={"largest": "amount"}, **of_milk)) == {kept.pk}


def test_goods_lie_in_a_window_by_the_time_of_their_order(shelves):
    customer = allow(make_customer())
    bought(customer, line("milk", "5.00"), line("cheese", "7.00"), ago=20)
    bought(customer, line("milk", "6.00"), ago=2)

    assert who(goods("exactly", 3)) == {customer.pk}
    assert who(goods("exactly", 1, window={"days": 10})) == {customer.pk}
    assert who(goods("exactly", 6, measure={"last": "amount"})) == {customer.pk}
    assert who(goods("exactly", 5, measure={"first": "amount"})) == {customer.pk}


@pytest.mark.parametrize("detail", ["category", "sku", "product"])
def test_sensitive_goods_take_a_permission_by_name(shelves, detail):
    secret = {"category": "Pharmacy > Pregnancy tests", "sku": "test", "product": "Pregn"}
    make_product(sku="test", category=secret["category"], name="Pregnancy test")
    operator = "starts_with" if detail == "product" else "is"
    asked = {detail: {"operator": operator, "value": secret[detail]}}
    may = allow(make_customer(), using=[Category.PURCHASE, Category.SENSITIVE])
    may_not = allow(make_customer(), using=[Category.PURCHASE])
    for customer in (may, may_not):
        bought(customer, line("test", "20.00"))

    assert who(goods("did", where=asked)) == {may.pk}


def test_the_names_of_goods_are_offered_and_not_told_of_one_by_one(shelves):
    """An explanation would name the last thing bought, whatever it is."""
    offered = suggestions(traits()["customers.goods"], text="mil", narrowed_by="product")

    assert offered == [("Whole milk", "Whole milk")]
    for detail in ("category", "sku", "product"):
        with pytest.raises(BadRule):
            read_rule({"all": [goods("is", "milk", measure={"last": detail})]}, traits())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Sum of amount of goods bought is at least R$\xa0200.00 in the last 30 days,"
            " where category is Grocery > Dairy",
        ),
        (
            "pt-br",
            "Soma de valor de produtos comprados é no mínimo R$\xa0200,00 nos últimos 30 dias,"
            " em que categoria é Grocery > Dairy",
        ),
    ],
)
def test_it_is_said_in_words(shelves, language, said):
    spent = goods(
        "at_least",
        200,
        measure={"sum": "amount"},
        window={"days": 30},
        where={"category": DAIRY},
    )

    with translation.override(language):
        assert sentence(read_rule({"all": [spent]}, traits())) == said
