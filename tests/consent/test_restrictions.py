from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.urls import reverse

from common.enums import Role, Scope
from consent.enums import Channel, RestrictionReason, Verdict
from consent.models import Purpose, Restriction
from consent.operations.restrictions import EndsBeforeItBegins, lift_restrictions, restrict
from consent.queries.predicate import with_verdict
from customers.enums import Category
from customers.models import Customer, Event
from segments.compiler import funnel, matching
from segments.queries import traits
from segments.rules import read_rule
from tests.api import api_client
from tests.factories import NOW, allow, make_choice, make_customer, make_user

pytestmark = pytest.mark.django_db
DISPUTED = RestrictionReason.DISPUTED


def verdict(customer, *, at=NOW, purpose="marketing"):
    asked = Purpose.objects.get(pk=purpose)
    people = Customer.objects.filter(pk=customer.pk)
    judged: QuerySet[Any, Any] = with_verdict(
        people, purpose=asked, channel=Channel.EMAIL, using=(), at=at
    )
    return judged.values_list("verdict", flat=True).get()


def test_a_restricted_person_is_in_nobodys_way_until_it_ends():
    ana = allow(make_customer())
    week = NOW + timedelta(days=7)

    restrict(ana, reason=DISPUTED, until=week, at=NOW)

    assert verdict(ana) == verdict(ana, purpose="transactional") == Verdict.RESTRICTED
    assert verdict(ana, at=week) == Verdict.ALLOWED


def test_restricted_again_for_the_same_reason_the_end_moves():
    ana = make_customer()
    restrict(ana, reason=DISPUTED, until=NOW + timedelta(days=7), at=NOW)

    restrict(ana, reason=DISPUTED, at=NOW)

    assert Restriction.objects.get().until is None
    assert Event.objects.filter(kind="consent.restricted").count() == 1


def test_lifting_lifts_all_and_again_nothing():
    ana = allow(make_customer())
    restrict(ana, reason=DISPUTED, at=NOW)
    restrict(ana, reason=RestrictionReason.FRAUD, at=NOW)

    assert [lift_restrictions(ana, at=NOW) for _ in range(2)] == [2, 0]

    assert verdict(ana) == Verdict.ALLOWED


def test_an_end_that_is_past_is_refused():
    with pytest.raises(EndsBeforeItBegins):
        restrict(make_customer(), reason=DISPUTED, until=NOW, at=NOW)


def test_segments_leave_the_restricted_and_the_young_out_and_say_so():
    told = {"all": [{"trait": "customers.city", "operator": "is", "value": "Recife"}]}
    rule = read_rule(told, traits())
    marketing = Purpose.objects.get(pk="marketing")
    people = [
        make_customer(city="Recife"),
        make_customer(city="Recife"),
        make_customer(city="Recife"),
    ]
    for person in people:
        make_choice(person, categories=[Category.DEMOGRAPHIC])
    restrict(people[1], reason=DISPUTED, at=NOW)
    # Told since.
    fifteen = NOW.date() - timedelta(days=15 * 365)
    Customer.objects.filter(pk=people[2].pk).update(birth_date=fifteen)

    found = matching(rule, purpose=marketing, at=NOW)
    counted = funnel(rule, purpose=marketing, at=NOW)

    assert list(found) == people[:1]
    assert (counted.total, counted.held_back) == (1, 2)


def test_an_agent_stops_the_use_from_the_page_and_lifts_it_there(client):
    ana = allow(make_customer())
    client.force_login(make_user(role=Role.SUPPORT_AGENT))

    client.post(reverse("admin:consent_restrict", args=[ana.pk]), {"reason": "disputed"})
    page = client.get(
        reverse("admin:customers_customer_profile", args=[ana.pk]), {"tab": "permissions"}
    )
    assert "Nothing of this person is used since" in page.content.decode()
    client.post(reverse("admin:consent_restriction_lift", args=[ana.pk]))

    assert not Restriction.objects.filter(lifted_at=None).exists()


def test_a_program_stops_the_use_and_lifts_it():
    make_customer(external_id="ana")
    client = api_client(Scope.WRITE_CONSENT)
    url = "/api/v1/customers/ana/restrictions"

    created = client.post(url, {"reason": "objected"}, format="json")
    listed = client.get(url).json()
    lifted = client.delete(url)

    assert (created.status_code, lifted.status_code) == (201, 204)
    assert [row["reason"] for row in listed] == ["objected"]
    assert client.get(url).json() == []
