"""The door: name and password, and the code of whoever has a second factor."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from common.access.second_factor import demand
from common.enums import Role
from common.keys import unseal
from common.models import AuditEntry, Authenticator
from tests.common.access.codes import code_of, with_app
from tests.factories import make_user

pytestmark = pytest.mark.django_db

DOOR, CODE, DASHBOARD = "/admin/login/", "/admin/login/code/", "/admin/"


def sign_in(client, user, password="secret", **query):  # noqa: S107 -- make_user's
    address = f"{DOOR}?next={query['next']}" if query else DOOR
    return client.post(address, {"username": user.username, "password": password})


def is_inside(client) -> bool:
    return client.get(DASHBOARD).status_code == 200


def told() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_a_password_alone_opens_where_no_second_factor_is(client):
    user = make_user()

    answer = sign_in(client, user, next="/admin/password_change/")

    assert (answer.status_code, answer.url) == (302, "/admin/password_change/")
    assert is_inside(client)
    assert told() == ["signed_in"]


def test_a_password_alone_opens_nothing_once_the_app_is_set_up(client):
    user = make_user()
    with_app(user)

    answer = sign_in(client, user)

    assert answer.url == CODE
    assert not is_inside(client)
    assert "_auth_user_id" not in client.session


def test_password_and_code_open(client):
    user = make_user()
    secret, _codes = with_app(user)
    door = sign_in(client, user, next="/admin/password_change/")

    answer = client.post(door.url, {"code": f" {code_of(secret)[:3]} {code_of(secret)[3:]}"})

    assert answer.url == "/admin/password_change/"
    assert is_inside(client)


def test_a_code_opens_once(client):
    user = make_user()
    secret, _codes = with_app(user)
    code = code_of(secret)
    sign_in(client, user)
    client.post(CODE, {"code": code})
    other = Client()
    sign_in(other, user)

    answer = other.post(CODE, {"code": code})

    assert "was used before" in answer.content.decode()
    assert not is_inside(other)


def test_a_recovery_code_opens_once_however_it_is_typed(client):
    user = make_user()
    _secret, (code, *_others) = with_app(user)
    sign_in(client, user)

    assert client.post(CODE, {"code": code.lower().replace("-", " ")}).status_code == 302
    assert is_inside(client)

    other = Client()
    sign_in(other, user)
    assert other.post(CODE, {"code": code}).status_code == 200
    assert not is_inside(other)
    assert "recovery_code_used" in told()


def test_nobody_comes_to_the_code_without_the_password(client):
    assert client.get(CODE).url == DOOR
    assert client.post(CODE, {"code": "000000"}).url == DOOR


def test_half_a_sign_in_ends_with_the_password_it_rested_on(client):
    user = make_user()
    secret, _codes = with_app(user)
    sign_in(client, user)
    user.set_password("another")
    user.save()

    assert client.post(CODE, {"code": code_of(secret)}).url == DOOR
    assert not is_inside(client)


def test_a_session_without_second_factor_gets_in_nowhere_where_it_is_demanded(client):
    """The trap of sign-in pages that guard only themselves."""
    user = make_user(role=Role.ANALYST)
    client.force_login(user)
    assert is_inside(client)

    demand(Group.objects.get(name=Role.ANALYST), demanded=True, by=None, at=now())

    assert not is_inside(client)
    assert client.get("/mail/").status_code == 302
    assert (
        client.get(DASHBOARD, follow=True)
        .redirect_chain[-1][0]
        .startswith("/admin/second-factor/")
    )


def test_a_session_without_the_code_asks_for_it_once_the_app_is_set_up_elsewhere(client):
    user = make_user()
    client.force_login(user)
    secret, _codes = with_app(user)

    door = client.get(DASHBOARD, follow=True)
    assert door.redirect_chain[-1][0] == f"{CODE}?next=%2Fadmin%2F"

    assert client.post(CODE, {"code": code_of(secret)}).status_code == 302
    assert is_inside(client)


def test_a_superuser_owes_what_any_role_owes(client):
    demand(Group.objects.get(name=Role.ANALYST), demanded=True, by=None, at=now())
    client.force_login(make_user(is_superuser=True))

    assert not is_inside(client)


def test_a_role_that_demands_leads_to_setting_up_and_then_in(client):
    user = make_user(role=Role.ANALYST)
    demand(Group.objects.get(name=Role.ANALYST), demanded=True, by=None, at=now())
    sign_in(client, user)
    page = client.get(reverse("admin:second_factor"))
    secret = bytes.fromhex(_secret_of(client))

    shown = client.post(reverse("admin:second_factor"), {"code": code_of(secret)})

    assert page.context["is_demanded"]
    assert len(shown.context["codes"]) == 10
    assert is_inside(client)
    assert bytes(Authenticator.objects.get().sealed_secret).find(secret) == -1


def _secret_of(client) -> str:
    return unseal(client.session["new_secret"].encode())


def test_a_wrong_first_code_sets_nothing_up(client):
    client.force_login(make_user())
    page = reverse("admin:second_factor")
    client.get(page)

    answer = client.post(page, {"code": "12345"})

    assert "not the app" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_whoever_is_not_asked_may_do_without_again(client):
    user = make_user()
    secret, _codes = with_app(user)
    sign_in(client, user)
    client.post(CODE, {"code": code_of(secret)})

    client.post(reverse("admin:second_factor"), {"act": "remove"})

    assert not Authenticator.objects.exists()
    assert is_inside(client)


def test_whose_role_demands_it_cannot_take_it_away(client):
    user = make_user(role=Role.ANALYST)
    secret, _codes = with_app(user)
    demand(Group.objects.get(name=Role.ANALYST), demanded=True, by=None, at=now())
    sign_in(client, user)
    client.post(CODE, {"code": code_of(secret)})

    answer = client.post(reverse("admin:second_factor"), {"act": "remove"})

    assert "Your role demands" in answer.content.decode()
    assert Authenticator.objects.exists()


def test_new_recovery_codes_end_the_old_ones(client):
    user = make_user()
    secret, (old, *_others) = with_app(user)
    sign_in(client, user)
    client.post(CODE, {"code": code_of(secret)})

    answer = client.post(reverse("admin:second_factor"), {"act": "renew"})

    other = Client()
    sign_in(other, user)
    other.post(CODE, {"code": old})
    assert not is_inside(other)
    other.post(CODE, {"code": answer.context["codes"][0]})
    assert is_inside(other)


def test_the_way_on_after_the_code_leads_to_no_other_site(client):
    user = make_user()
    secret, _codes = with_app(user)
    sign_in(client, user)

    answer = client.post(f"{CODE}?next=https://evil.example/", {"code": code_of(secret)})

    assert answer.url == DASHBOARD


def test_the_door_speaks_portuguese(client):
    user = make_user(language="pt-br")
    with_app(user)
    client.cookies["django_language"] = "pt-br"
    sign_in(client, user)

    assert "código de recuperação" in client.get(CODE).content.decode()
