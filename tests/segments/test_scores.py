"""What the nightly scores say can be asked, by whoever allowed what is inferred."""

import pytest

from consent.models import Purpose
from customers.enums import Category
from customers.models import CustomerMetrics
from segments.compiler import matching
from segments.queries import traits
from segments.rules import read_rule
from tests.factories import NOW, allow, make_customer

pytestmark = pytest.mark.django_db


def who(leaf):
    rule = read_rule({"all": [leaf]}, traits())
    found = matching(rule, purpose=Purpose.objects.get(pk="marketing"), at=NOW)
    return set(found.values_list("pk", flat=True))


@pytest.mark.parametrize("name", ["recency_score", "monetary_score", "growth_potential"])
def test_scores_are_asked_through_the_permission_for_what_is_inferred(name):
    open_, shy, unscored = make_customer(), make_customer(), make_customer()
    for customer in (open_, unscored):
        allow(customer, using=[Category.PURCHASE, Category.INFERRED])
    allow(shy, using=[Category.PURCHASE])
    for customer in (open_, shy):
        CustomerMetrics.objects.update_or_create(customer=customer, defaults={name: 4})
    good = {"trait": f"customers.{name}", "operator": "at_least", "value": 4}

    assert who(good) == {open_.pk}
    assert who({**good, "unknown": True}) == {open_.pk, unscored.pk}
