"""A rule that fails inside the database stops none of the others, whoever asks."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import DecimalField, Value
from django.db.models.functions import Length

from customers.enums import AttributeType, Category
from customers.models import Customer
from customers.operations.timeline import record_event
from segments.enums import TraitType
from segments.models import Segment
from segments.operations.reconsidering import reconsider
from segments.operations.refreshing import keep_waiting_fresh
from segments.queries import _traits_of_apps, members
from segments.rules import Trait
from tests.factories import NOW, allow, make_attribute, make_customer
from tests.segments.factories import IN_PORTO
from tests.segments.test_reconsidering import inside

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
# One divided by the letters of the city: nobody can say of whom no city is known.
PER_LETTER = Trait(
    code="test.per_letter",
    label="Per letter",
    group="Test",
    type=TraitType.NUMBER,
    category=Category.DEMOGRAPHIC,
    field="per_letter",
    reads=Value(Decimal(1)) / Length("city", output_field=DecimalField()),
    always_known=True,
)
FAILING = {"all": [{"trait": "test.per_letter", "operator": "at_least", "value": 0}]}
ANYBODY = {"none": [{"trait": "customers.city", "operator": "is", "value": "Faro"}]}
OUTSIDE_PORTO = {"none": [{"trait": "customers.city", "operator": "is", "value": "Porto"}]}


@pytest.fixture(autouse=True)
def _one_more_trait(monkeypatch):
    """Declare the trait as an app would."""
    monkeypatch.setitem(_traits_of_apps(), PER_LETTER.code, PER_LETTER)


def segments_of(*rules, **facts):
    made = [
        Segment(name=f"S{n}", rule=rule, filled_at=NOW, refreshed_at=NOW, **facts)
        for n, rule in enumerate(rules)
    ]
    return Segment.objects.bulk_create(made)


def state_of(segment):
    fresh = Segment.objects.get(pk=segment.pk)
    return (fresh.failed_at, fresh.failures, fresh.retry_at)


@pytest.mark.parametrize("place", range(5))
def test_the_others_go_on_wherever_the_one_stands_that_fails(place):
    rules = [IN_PORTO, ANYBODY, OUTSIDE_PORTO, IN_PORTO]
    segments = segments_of(*rules[:place], FAILING, *rules[place:])
    failing = segments.pop(place)
    porto, nowhere = allow(make_customer(city="Porto")), allow(make_customer(city=""))

    changes = reconsider([porto.pk, nowhere.pk], at=LATER)

    both = {porto.pk, nowhere.pk}
    expected = [{porto.pk}, both, {nowhere.pk}, {porto.pk}]
    assert [inside(segment) for segment in segments] == expected
    assert {it.segment: it.count for it in changes} == {
        segment.pk: len(expected[n]) for n, segment in enumerate(segments)
    }
    assert state_of(failing) == (LATER, 1, LATER + timedelta(minutes=1))
    assert {state_of(segment) for segment in segments} == {(None, 0, None)}


def test_two_that_fail_are_both_found_and_stay_as_they_were():
    failing, sound, also = segments_of(FAILING, IN_PORTO, FAILING)
    porto, nowhere = allow(make_customer(city="Porto")), allow(make_customer(city=""))
    reconsider([porto.pk], at=NOW)

    reconsider([porto.pk, nowhere.pk], at=LATER)

    assert [inside(it) for it in (failing, sound, also)] == [{porto.pk}] * 3
    assert state_of(failing) == state_of(also) == (LATER, 1, LATER + timedelta(minutes=1))
    told = Segment.objects.get(pk=failing.pk).error
    assert told == "The database cannot work it out: some value is too large or makes no sense."


def test_members_that_are_waited_for_are_found_beside_a_rule_that_fails():
    failing, sound = segments_of(FAILING, IN_PORTO, asked_at=NOW)
    porto, _nowhere = allow(make_customer(city="Porto")), allow(make_customer(city=""))

    keep_waiting_fresh(clock=lambda: LATER)

    assert set(members(sound)) == {porto}
    assert state_of(failing) == (LATER, 1, LATER + timedelta(minutes=1))


HUGE = 10**30


def test_a_number_that_nothing_can_hold_is_not_known():
    make_attribute("shoe_size", type=AttributeType.NUMBER)
    big = {"trait": "attribute.shoe_size", "operator": "at_least", "value": 1}
    dear = {
        "trait": "events.customers.product_viewed",
        "operator": "did",
        "where": {"price": {"operator": "at_least", "value": 1}},
    }
    sized, seen = segments_of({"all": [big]}, {"all": [dear]})
    fine, odd = allow(make_customer()), allow(make_customer())
    # Neither the API nor a file would take it; another program may have written it.
    for customer, number in ((fine, 5), (odd, HUGE)):
        Customer.objects.filter(pk=customer.pk).update(attributes={"shoe_size": number})
        record_event(
            customer,
            kind="customers.product_viewed",
            at=NOW,
            reference=f"view:{customer.pk}",
            data={"price": number},
        )

    reconsider([fine.pk, odd.pk], at=LATER)

    assert (inside(sized), inside(seen)) == ({fine.pk}, {fine.pk})
    assert Segment.objects.filter(failed_at=None).count() == 2
