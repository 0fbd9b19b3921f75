import csv
import io
import zipfile

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry, Export
from consent.enums import Channel
from customers.admin.about import profile_link
from customers.operations.notes import add_note
from customers.queries.pages import profile_url
from tests.factories import NOW, make_choice, make_customer, make_order, make_user

pytestmark = pytest.mark.django_db


def taken(client, customer, **facts):
    answer = client.post(
        reverse("admin:customers_customer_take", args=[customer.pk]),
        {"format": "csv", "reason": "She asked for it", **facts},
    )
    return zipfile.ZipFile(io.BytesIO(answer.getvalue()))


def rows_in(bundle, name):
    return list(csv.reader(io.StringIO(bundle.read(name).decode())))[1:]


def test_all_that_is_held_about_somebody_leaves_in_one_file_and_is_written_down(client):
    user = make_user(role=Role.PRIVACY_OFFICER)
    client.force_login(user)
    ana, other = make_customer(first_name="Ana", email="ana@mail.example"), make_customer()
    make_order(ana, external_id="A-1")
    make_order(other, external_id="B-1")
    make_choice(ana, channels=[Channel.EMAIL])
    add_note(ana, text="Calls after six", author=user, reference="n", at=NOW)

    bundle = taken(client, ana)

    assert {
        *("customers.csv", "orders.csv", "order-lines.csv", "consent-events.csv"),
        *("events.csv", "notes.csv"),
    } <= set(bundle.namelist())
    assert "Calls after six" in rows_in(bundle, "notes.csv")[0]
    assert [row[0] for row in rows_in(bundle, "customers.csv")] == [ana.external_id]
    assert [row[0] for row in rows_in(bundle, "orders.csv")] == ["A-1"]
    export = Export.objects.get()
    assert (export.subject_id, export.reason) == (ana.pk, "She asked for it")
    assert export.row_count
    assert export.row_count >= 3
    assert AuditEntry.objects.filter(action="exported", subject_id=ana.pk, actor=user).exists()


def test_who_does_not_answer_people_takes_only_what_their_role_may_see(client):
    user = make_user()
    may = ["export_lists", "view_customer", "view_order"]
    user.user_permissions.set(Permission.objects.filter(codename__in=may))
    client.force_login(user)
    ana = make_customer()
    make_order(ana, external_id="A-1")
    make_choice(ana, channels=[Channel.EMAIL])

    names = taken(client, ana).namelist()

    assert "orders.csv" in names
    assert {"consent-events.csv", "consentimentos.json"}.isdisjoint(names)


def test_what_people_wrote_sets_nothing_off_in_a_spreadsheet(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    ana = make_customer(first_name="=HYPERLINK(1)")

    bundle = taken(client, ana)

    assert "'=HYPERLINK(1)" in rows_in(bundle, "customers.csv")[0]


def test_nothing_leaves_without_a_reason(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    ana = make_customer()

    page = client.post(
        reverse("admin:customers_customer_take", args=[ana.pk]), {"format": "csv", "reason": ""}
    )

    assert "This field is required" in page.content.decode()
    assert not Export.objects.exists()


def test_an_agent_takes_nothing_away(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))

    page = client.get(reverse("admin:customers_customer_take", args=[make_customer().pk]))

    assert page.status_code == 403


def test_a_row_about_somebody_erased_leads_nowhere():
    ana = make_customer(external_id="c-1")
    assert profile_url(ana.pk) in profile_link(ana)

    ana.erased_at = NOW

    assert profile_link(ana) == str(ana)
