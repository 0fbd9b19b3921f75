"""What people do and see is written down, in the transaction of the thing itself, in words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from campaigns.models import Redemption
from common.enums import Role, Scope
from common.models import AuditEntry
from common.operations import action_words, audit
from consent.enums import PointKind
from consent.models import ConsentEvent
from tests.api import api_client
from tests.factories import (
    NOW,
    make_customer,
    make_offer,
    make_redemption,
    make_user,
    make_voucher,
)

APPS = ("common", "customers", "consent", "segments", "campaigns", "loyalty", "config")


def test_every_action_that_is_written_down_has_words():
    written = {action for file in sources() for action in actions_in(ast.parse(file.read_text()))}

    assert "customers.viewed" in written
    assert written - action_words().keys() == set()
    assert action_words().keys() - written == set()


def sources() -> Iterator[Path]:
    for app in APPS:
        for file in (settings.BASE_DIR / app).rglob("*.py"):
            if "migrations" not in file.parts:
                yield file


def actions_in(source: ast.Module) -> Iterator[str]:
    """Yield the first argument of each call of ``audit``; of a name, what is assigned to it."""
    nodes = list(ast.walk(source))
    assigned = [node for node in nodes if isinstance(node, ast.Assign)]
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "audit":
            told = node.args[0]
            yield from texts(told)
            for other in assigned:
                if ast.unparse(other.targets[0]) == ast.unparse(told):
                    yield from texts(other.value)


def texts(told: ast.expr) -> Iterator[str]:
    """Yield the one text, or both of a choice between two."""
    match told:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from (*texts(told.body), *texts(told.orelse))


@pytest.mark.django_db
def test_the_audit_is_read_and_filtered_in_words(client):
    ana, bia = make_customer(), make_customer()
    audit("customers.viewed", ana, at=NOW)
    audit("consent.recorded", bia, at=NOW)
    client.force_login(make_user(role=Role.PRIVACY_OFFICER, language="pt-br"))

    page = client.get(
        reverse("admin:common_auditentry_changelist"), {"action": "customers.viewed"}
    )

    assert [entry.subject_id for entry in page.context["cl"].result_list] == [ana.pk]
    assert "Cliente visto" in page.content.decode()


@pytest.mark.django_db
def test_whoever_searches_customers_is_written_down_with_the_fields_and_not_the_values(client):
    agent = make_user(role=Role.SUPPORT_AGENT)
    client.force_login(agent)
    make_customer(first_name="Ana", city="Recife")
    make_customer(first_name="Bia", city="Porto")

    client.get(
        reverse("admin:customers_customer_changelist"),
        {"q": "Ana", "city__icontains": "", "o": "1"},
    )

    entry = AuditEntry.objects.get(action="customers.listed")
    assert (entry.actor, entry.subject_type, entry.count) == (agent, "customers.customer", 1)
    assert (entry.fields, entry.reason) == (["search"], "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["customers_order", "customers_case", "loyalty_member", "campaigns_voucher"],
)
def test_every_list_of_people_is_written_down(client, name):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))

    client.get(reverse(f"admin:{name}_changelist"))

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_type) == ("customers.listed", name.replace("_", "."))


@pytest.mark.django_db
def test_the_api_counts_what_it_lists():
    make_customer()
    make_customer()

    api_client(Scope.READ_CUSTOMERS).get("/api/v1/customers", {"page_size": 1})

    entry = AuditEntry.objects.get(action="customers.listed")
    assert (entry.count, entry.fields) == (1, ["page_size"])


@pytest.fixture
def audit_fails(db):
    """Let the database take no audit entry."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER no_more_audit BEFORE INSERT ON common_auditentry"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def test_no_consent_is_recorded_that_the_audit_does_not_tell(client, audit_fails):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    client.raise_request_exception = False
    facts = {
        "act": "given",
        "purpose": "marketing",
        "channels": ["email"],
        "collection_point": PointKind.CALL_CENTRE,
        "evidence": "Recording 123",
    }

    answer = client.post(reverse("admin:consent_choice", args=[make_customer().pk]), facts)

    assert answer.status_code == 500
    assert not ConsentEvent.objects.exists()


def test_no_redemption_is_rolled_back_that_the_audit_does_not_tell(client, audit_fails):
    _voucher, code = make_voucher(offer=make_offer())
    redemption = make_redemption(code)
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    client.raise_request_exception = False

    page = client.post(reverse("admin:campaigns_redemption_roll_back", args=[redemption.pk]))
    program = api_client(Scope.REDEEM).post(f"/api/v1/redemptions/{redemption.pk}/rollback")

    assert (page.status_code, program.status_code) == (500, 500)
    assert Redemption.objects.get().state == "redeemed"
