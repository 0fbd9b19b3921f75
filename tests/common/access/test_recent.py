"""Before what cannot be taken back one shows again who one is, and loses nothing by it."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from campaigns.models import Apology
from common.enums import Role
from common.models import ApiKey, AuditEntry, Export, User
from tests.common.access.codes import code_of, with_app
from tests.common.access.test_sign_in import CODE, sign_in
from tests.factories import make_apology, make_customer, make_user

pytestmark = pytest.mark.django_db

ASKED = "Is it still you?"


def a_while_later(client, *, seconds=301):
    session = client.session
    session["verified_at"] = now().timestamp() - seconds
    session.save()


def later_client(client, **facts):
    user = make_user(**facts)
    client.force_login(user)
    a_while_later(client)
    return user


def asks(answer) -> bool:
    return ASKED in answer.content.decode()


def guarded_pages():
    customer = make_customer()
    return {
        "list": reverse("admin:customers_customer_export"),
        "zip": reverse("admin:customers_customer_take", args=[customer.pk]),
        "erasure": reverse("admin:customers_customer_erase", args=[customer.pk]),
        "key": reverse("admin:common_apikey_add"),
        "user": reverse("admin:common_user_add"),
        "password": reverse("admin:auth_user_password_change", args=[make_user().pk]),
        "second factor": reverse("admin:second_factor"),
    }


def test_what_cannot_be_taken_back_asks_before_it_opens(client):
    later_client(client, is_superuser=True)
    pages = guarded_pages()

    assert {name: asks(client.get(page)) for name, page in pages.items()} == dict.fromkeys(
        pages, True
    )


def test_nobody_is_asked_within_five_minutes(client):
    client.force_login(make_user(is_superuser=True))
    a_while_later(client, seconds=299)
    pages = guarded_pages()

    assert {name: asks(client.get(page)) for name, page in pages.items()} == dict.fromkeys(
        pages, False
    )


def test_the_answer_leads_back_to_the_page_with_its_filters(client):
    later_client(client, is_superuser=True)
    page = reverse("admin:customers_customer_export") + "?q=Ana"

    answer = client.post(page, {"confirm-answered": "GET", "confirm-password": "secret"})

    assert (answer.status_code, answer.url) == (302, page)
    assert not asks(client.get(page))
    assert AuditEntry.objects.filter(action="confirmed").count() == 1


def test_what_was_being_sent_goes_on_after_the_answer(client):
    later_client(client, is_superuser=True)
    page = reverse("admin:common_apikey_add")
    typed = {"name": "Till", "scopes": ["vouchers:redeem", "customers:read"]}

    asked = client.post(page, {**typed, "requests_per_minute": "60"})
    assert not ApiKey.objects.exists()
    kept = {**dict(_grouped(asked.context["waiting"])), "confirm-answered": "POST"}
    done = client.post(page, {**kept, "confirm-password": "secret"})

    assert "clientela_" in done.content.decode()
    assert ApiKey.objects.get().scopes == ["vouchers:redeem", "customers:read"]


def _grouped(pairs):
    names = dict.fromkeys(name for name, _ in pairs)
    return [(name, [value for other, value in pairs if other == name]) for name in names]


def test_a_wrong_password_does_nothing_and_keeps_what_waits(client):
    later_client(client, is_superuser=True)
    page = reverse("admin:common_apikey_add")
    typed = {"name": "Till", "scopes": ["customers:read"], "requests_per_minute": "60"}

    answer = client.post(page, {**typed, "confirm-answered": "POST", "confirm-password": "no"})

    assert "This is not your password." in answer.content.decode()
    assert ("name", "Till") in answer.context["waiting"]
    assert not ApiKey.objects.exists()
    assert "confirm-password" not in dict(answer.context["waiting"])


def test_passwords_are_not_guessed_by_confirming(client):
    user = later_client(client, is_superuser=True)
    page = reverse("admin:common_apikey_add")
    for _ in range(5):
        client.post(page, {"confirm-answered": "GET", "confirm-password": "no"})

    answer = client.post(page, {"confirm-answered": "GET", "confirm-password": "secret"})

    assert "Too many wrong tries" in answer.content.decode()
    assert AuditEntry.objects.filter(action="confirmation_failed", actor=user).count() == 5


def test_whoever_has_an_app_confirms_by_its_code(client):
    user = make_user(is_superuser=True)
    secret, (recovery, *_others) = with_app(user)
    sign_in(client, user)
    client.post(CODE, {"code": recovery})
    a_while_later(client)
    page = reverse("admin:common_apikey_add")

    by_password = client.post(page, {"confirm-answered": "GET", "confirm-password": "secret"})
    by_code = client.post(page, {"confirm-answered": "GET", "confirm-code": code_of(secret)})

    assert asks(by_password)
    assert by_code.status_code == 302


def test_an_apology_is_approved_by_whoever_shows_who_they_are(client):
    later_client(client, role=Role.MARKETING)
    apology = make_apology(make_customer(), amount="200.00")
    page = reverse("admin:campaigns_apology_decide", args=[apology.pk])

    asked = client.post(page, {"act": "approve"})
    assert asks(asked)
    assert Apology.objects.get().state == "waiting"

    client.post(page, {"act": "approve", "confirm-answered": "POST", "confirm-password": "secret"})
    assert Apology.objects.get().state == "issued"


def test_a_role_is_changed_by_whoever_shows_who_they_are(client):
    later_client(client, is_superuser=True)
    colleague = make_user()
    page = reverse("admin:common_user_change", args=[colleague.pk])
    facts = {"username": colleague.username, "apology_limit": "50", "is_active": "on"}

    assert not asks(client.get(page))
    assert asks(client.post(page, {**facts, "is_superuser": "on"}))
    assert not User.objects.get(pk=colleague.pk).is_superuser


def test_no_file_leaves_without_a_recent_confirmation(client):
    later_client(client, is_superuser=True)
    make_customer()

    answer = client.post(
        reverse("admin:customers_customer_export"),
        {"format": "csv", "columns": ["Number"], "reason": "Letters"},
    )

    assert asks(answer)
    assert not Export.objects.exists()
