import pytest

from consent.models import Purpose
from customers.models import Customer
from loyalty.operations.orders import settle
from segments.compiler import matching
from segments.queries import traits
from segments.rules import read_rule
from tests.factories import NOW, allow, make_customer, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Customer:
    """Prata, with 620 points."""
    ana = allow(make_customer())
    settle([make_order(ana, total="620.00").pk], at=NOW)
    return ana


@pytest.fixture
def bia() -> Customer:
    """No member."""
    return allow(make_customer())


def who(trait: str, operator: str, value: object) -> set[Customer]:
    leaf = {"trait": trait, "operator": operator, "value": value}
    rule = read_rule({"all": [leaf]}, traits())
    return set(matching(rule, purpose=Purpose.objects.get(pk="marketing"), at=NOW))


def test_a_rule_asks_for_the_tier(ana, bia):
    assert who("loyalty.tier", "is", "Prata") == {ana}
    assert who("loyalty.tier", "is", "Ouro") == set()


def test_a_rule_asks_for_points_and_who_is_no_member_has_none(ana, bia):
    assert who("loyalty.points", "at_least", 620) == {ana}
    assert who("loyalty.points", "at_most", 100) == {bia}
