from datetime import timedelta

import pytest
from django.utils.timezone import now

from common.authentication import note_use
from common.enums import Scope
from common.models import ApiKey
from tests.api import api_client, client_with
from tests.factories import NOW, make_api_key

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.shop")]


def read(credential: str, **facts):
    return client_with(credential).get("/api/v1/read", **facts)


def test_key_opens_and_makes_nobody_a_user():
    _, credential = make_api_key(Scope.READ_CUSTOMERS, name="till 4")

    answer = read(credential)

    assert answer.status_code == 200
    assert answer.json() == {"user": "AnonymousUser", "key": "till 4"}


def test_key_is_kept_as_a_hash_alone():
    key, credential = make_api_key(Scope.READ_CUSTOMERS)

    _, prefix, secret = credential.split("_", 2)

    assert key.prefix == prefix
    assert secret.encode() not in bytes(ApiKey.objects.get().secret_hash)
    assert len(secret) == 43  # 256 random bits


@pytest.mark.parametrize(
    "change",
    [
        lambda credential: "",
        lambda credential: credential[:-1],
        lambda credential: credential + "x",
        lambda credential: credential.replace("clientela", "other"),
        lambda credential: credential.rsplit("_", 1)[0],
        lambda credential: "clientela_0000000000_" + credential[-43:],
        lambda credential: "clientela_\0_x",
        lambda credential: "clientela_ção_x",
    ],
)
def test_wrong_credential_is_refused_without_saying_why(change):
    _, credential = make_api_key(Scope.READ_CUSTOMERS)

    answer = read(change(credential))

    assert answer.status_code == 401
    assert answer.json() == {
        "code": "authentication_failed",
        "message": "This API key is not valid.",
        "field": "",
    }
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, 200),
        ({"expires_at": now() + timedelta(hours=1)}, 200),
        ({"expires_at": now() - timedelta(seconds=1)}, 401),
        ({"revoked_at": now()}, 401),
    ],
)
def test_expired_and_revoked_keys_are_refused(facts, status):
    _, credential = make_api_key(Scope.READ_CUSTOMERS, **facts)

    assert read(credential).status_code == status


def test_session_of_staff_opens_nothing(client, admin_user):
    client.force_login(admin_user)

    assert client.get("/api/v1/read").status_code == 401


def test_last_use_is_written_once_a_minute(django_assert_num_queries):
    key, _ = make_api_key()

    note_use(key, at=NOW)
    key.refresh_from_db()
    with django_assert_num_queries(0):
        note_use(key, at=NOW + timedelta(seconds=59))

    assert key.last_used_at == NOW


def test_last_use_moves_on_after_a_minute():
    key, _ = make_api_key(last_used_at=NOW)

    note_use(key, at=NOW + timedelta(seconds=60))

    key.refresh_from_db()
    assert key.last_used_at == NOW + timedelta(seconds=60)


def test_last_use_is_written_by_the_first_of_two():
    key, _ = make_api_key()
    same_key_elsewhere = ApiKey.objects.get()
    note_use(key, at=NOW)

    note_use(same_key_elsewhere, at=NOW + timedelta(seconds=1))

    key.refresh_from_db()
    assert key.last_used_at == NOW


def test_scope_may_differ_by_method():
    reader = api_client(Scope.READ_CUSTOMERS)

    assert reader.get("/api/v1/read-or-write").status_code == 200
    assert reader.head("/api/v1/read-or-write").status_code == 200
    assert reader.post("/api/v1/read-or-write", {}).status_code == 403


def test_method_without_a_scope_is_closed_to_every_key():
    assert api_client().delete("/api/v1/read-or-write").status_code == 403


def test_view_without_a_scope_is_closed_to_every_key():
    assert api_client().get("/api/v1/without-scope").status_code == 403
