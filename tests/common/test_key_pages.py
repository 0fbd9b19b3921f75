import pytest
from django.urls import reverse

from common.enums import Role, Scope
from common.models import ApiKey, AuditEntry
from tests.factories import make_api_key, make_user

pytestmark = pytest.mark.django_db

LIST = reverse("admin:common_apikey_changelist")


@pytest.fixture
def administrator(client):
    user = make_user(role=Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def create(client, **facts):
    entered = {"name": "Till", "scopes": [Scope.REDEEM], "requests_per_minute": 60, **facts}
    return client.post(reverse("admin:common_apikey_add"), entered)


def test_a_new_key_shows_its_credential_once(client, administrator):
    page = create(client)

    key = ApiKey.objects.get()
    (credential,) = [word for word in page.content.decode().split() if f"{key.prefix}_" in word]
    secret = credential.split(f"{key.prefix}_")[1].split("<")[0]
    assert key.opens_with(secret)
    assert "no-store" in page.headers["Cache-Control"]
    for later in (LIST, reverse("admin:common_apikey_change", args=[key.pk])):
        assert secret not in client.get(later).content.decode()


def test_a_new_key_is_on_record_with_its_maker(client, administrator):
    create(client)

    key = ApiKey.objects.get()
    assert (key.created_by, key.scopes) == (administrator, [Scope.REDEEM])
    entry = AuditEntry.objects.get(action="key_created")
    assert (entry.actor, entry.subject_id) == (administrator, key.pk)


def test_a_key_needs_a_scope(client, administrator):
    create(client, scopes=[])

    assert not ApiKey.objects.exists()


def test_a_changed_key_keeps_its_secret(client, administrator):
    key, _ = make_api_key(Scope.REDEEM)

    client.post(
        reverse("admin:common_apikey_change", args=[key.pk]),
        {"name": "Till 2", "scopes": [Scope.READ_CUSTOMERS], "requests_per_minute": 60},
    )

    changed = ApiKey.objects.get(pk=key.pk)
    assert (changed.name, changed.scopes) == ("Till 2", [Scope.READ_CUSTOMERS])
    assert bytes(changed.secret_hash) == bytes(key.secret_hash)
    assert "scopes" in AuditEntry.objects.get(action="key_changed").fields


def test_a_revoked_key_stays_revoked(client, administrator):
    key, _ = make_api_key(Scope.REDEEM)
    revoke = {"action": "revoke", "_selected_action": [key.pk]}

    client.post(LIST, revoke)
    first = ApiKey.objects.get(pk=key.pk).revoked_at
    client.post(LIST, revoke)

    assert first is not None
    assert ApiKey.objects.get(pk=key.pk).revoked_at == first
    assert AuditEntry.objects.filter(action="key_revoked").count() == 1


def test_nobody_makes_themselves_a_superuser(client, administrator):
    page = reverse("admin:common_user_change", args=[administrator.pk])

    client.post(page, {"username": administrator.username, "is_superuser": "on", "is_staff": "on"})

    administrator.refresh_from_db()
    assert not administrator.is_superuser
