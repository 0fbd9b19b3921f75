"""Whoever guesses is stopped, and learns nothing from how."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from common.access.guesses import PATIENCE, LockedOut, count_try, forget_old_tries, forgive, unlock
from common.enums import Guessed, Role
from common.models import AuditEntry, Lockout
from tests.common.access.codes import code_of, with_app
from tests.common.access.test_sign_in import CODE, DOOR, is_inside, sign_in
from tests.factories import NOW, make_user
from tests.races import at_once

TRIES = PATIENCE[Guessed.PASSWORD].tries
MINUTE = timedelta(minutes=1)


def try_at(at, *, who="ana 10.0.0.1"):
    return count_try(Guessed.PASSWORD, who=who, at=at)


def use_up(at, *, who="ana 10.0.0.1"):
    for _ in range(TRIES):
        try_at(at, who=who)


@pytest.mark.django_db
def test_after_so_many_tries_the_next_is_not_heard_for_a_quarter_of_an_hour():
    use_up(NOW)

    with pytest.raises(LockedOut) as refused:
        try_at(NOW + 14 * MINUTE)
    assert refused.value.until == NOW + 15 * MINUTE
    assert try_at(NOW + 15 * MINUTE).tries == 1


@pytest.mark.django_db
def test_tries_far_apart_lock_nobody_out():
    for number in range(3 * TRIES):
        assert try_at(NOW + number * 16 * MINUTE).locked_until is None


@pytest.mark.django_db
def test_what_was_right_is_forgiven():
    for _ in range(3 * TRIES):
        forgive(try_at(NOW))

    assert not Lockout.objects.exists()


@pytest.mark.django_db
def test_others_are_not_locked_out_along():
    use_up(NOW)

    assert try_at(NOW, who="ana 10.0.0.2").tries == 1
    assert try_at(NOW, who="bia 10.0.0.1").tries == 1


def test_a_hundred_tries_at_once_are_not_a_hundred_chances(real_db):
    def heard():
        try:
            return try_at(NOW).tries
        except LockedOut:
            return None

    tries = [tried for tried in at_once(*[heard] * 20) if tried]

    assert sorted(tries) == list(range(1, TRIES + 1))


@pytest.mark.django_db
def test_old_tries_are_forgotten():
    try_at(NOW)

    forget_old_tries(at=NOW + timedelta(days=8))

    assert not Lockout.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("exists", [True, False], ids=["a name", "no name"])
def test_the_door_says_the_same_whether_somebody_has_the_name(client, exists):
    username = make_user().username if exists else "nobody"
    facts = {"username": username, "password": "wrong"}

    told = [client.post(DOOR, facts).context["form"].non_field_errors() for _ in range(TRIES + 1)]

    assert [str(sentences[0])[:30] for sentences in told] == [
        *["Please enter the correct usern"] * TRIES,
        "Too many wrong tries. The next",
    ]
    assert Lockout.objects.get().user_id == (None if not exists else Lockout.objects.get().user_id)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [
        *["sign_in_failed"] * TRIES,
        "locked_out",
    ]


@pytest.mark.django_db
def test_what_was_typed_as_a_name_is_kept_nowhere(client):
    client.post(DOOR, {"username": "my-Password-1", "password": "wrong"})

    lockout, entry = Lockout.objects.get(), AuditEntry.objects.get()
    assert b"assword" not in bytes(lockout.who_hash)
    assert (entry.subject_id, entry.fields, entry.reason) == (None, [], "")


@pytest.mark.django_db
def test_the_right_password_does_not_open_while_locked_and_does_elsewhere(client):
    user = make_user()
    for _ in range(TRIES):
        sign_in(client, user, password="wrong")

    sign_in(client, user)
    assert not is_inside(client)

    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    sign_in(elsewhere, user)
    assert is_inside(elsewhere)


@pytest.mark.django_db
def test_codes_are_not_guessed_either(client):
    user = make_user()
    secret, _codes = with_app(user)
    sign_in(client, user)
    for _ in range(PATIENCE[Guessed.CODE].tries):
        client.post(CODE, {"code": "wrong"})

    answer = client.post(CODE, {"code": code_of(secret)})

    assert "Too many wrong tries" in answer.content.decode()
    assert not is_inside(client)


@pytest.mark.django_db
def test_an_administrator_lets_them_try_again(client):
    user = make_user()
    for _ in range(TRIES):
        sign_in(client, user, password="wrong")
    administrator = Client()
    administrator.force_login(make_user(role=Role.ADMINISTRATOR))

    page = reverse("admin:common_lockout_changelist")
    assert user.username in administrator.get(page).content.decode()
    administrator.post(page, {"action": "unlock", "_selected_action": [Lockout.objects.get().pk]})

    sign_in(client, user)
    assert is_inside(client)
    assert AuditEntry.objects.filter(action="unlocked").count() == 1


@pytest.mark.django_db
def test_nobody_is_unlocked_who_was_not_locked():
    assert not unlock(try_at(now()), by=None, at=now())


@pytest.mark.django_db
def test_behind_our_proxy_the_address_is_what_the_proxy_heard(client, settings):
    settings.PROXIES = 1
    user = make_user()
    for number in range(TRIES):
        headers = {"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.7"}
        facts = {"username": user.username, "password": "wrong"}
        client.post(DOOR, facts, headers=headers)

    assert Lockout.objects.get().locked_until
