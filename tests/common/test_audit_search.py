"""The audit is searched by who acted and whom or what it was about, in words."""

import pytest
from django.db import connection
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from common.operations import audit
from common.subjects import about, kinds_told_of
from customers.models import Customer
from customers.operations.erasing import erase
from segments.models import Segment
from tests.factories import NOW, make_api_key, make_customer, make_segment, make_user

pytestmark = pytest.mark.django_db


def told(text):
    return sorted(AuditEntry.objects.filter(about(text)).values_list("action", flat=True))


@pytest.fixture
def entries():
    """Write down what three people and programs did."""
    agent, officer = make_user(username="marta"), make_user(username="paulo")
    key, _ = make_api_key(name="Checkout")
    ana = make_customer(external_id="C-7", first_name="Ana", last_name="Prado")
    audit("customers.viewed", ana, at=NOW, by=agent)
    audit("customers.changed", ana, at=NOW, by=key, fields=["city"])
    audit("customers.listed", Customer, at=NOW, by=officer, count=25)
    audit("segments.changed", make_segment(name="Lapsed mothers"), at=NOW, by=officer)
    return ana


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("marta", ["customers.viewed"]),
        ("Checkout", ["customers.changed"]),
        ("C-7", ["customers.changed", "customers.viewed"]),
        ("ana prado", ["customers.changed", "customers.viewed"]),
        ("lapsed", ["segments.changed"]),
        ("nobody at all", []),
    ],
)
def test_audit_is_found_by_who_acted_and_about_whom(entries, text, actions):
    assert told(text) == actions


def test_what_was_done_about_an_erased_customer_is_found_by_their_number(entries):
    erase(entries, by=None, reason="asked", at=NOW)

    assert told("C-7") == ["customers.changed", "customers.erased", "customers.viewed"]
    assert told("Ana Prado") == []


def test_kinds_of_record_are_told_in_words(entries):
    assert dict(kinds_told_of()) == {
        "customers.customer": Customer._meta.verbose_name,
        "segments.segment": Segment._meta.verbose_name,
    }


def test_the_list_is_narrowed_by_search_kind_and_action(client, entries):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    url = reverse("admin:common_auditentry_changelist")

    found = client.get(
        url, {"q": "C-7", "kind": "customers.customer", "action": "customers.viewed"}
    )

    (entry,) = found.context_data["cl"].result_list
    assert (entry.action, str(entry.actor)) == ("customers.viewed", "marta")


@pytest.mark.parametrize("narrowed", [{"action": "customers.changed"}, {"actor": 1}])
def test_rare_acts_and_people_have_an_index(narrowed):
    entries = AuditEntry.objects.filter(**narrowed).order_by("-at", "-id")[:26]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")

    plan = entries.explain()

    assert "audit_entry_by_act" in plan or "audit_entry_by_person" in plan
