import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


def test_live_answers_without_a_database(client):
    assert client.get("/health/live").json() == {"status": "ok"}


def test_ready_when_the_database_is_there_and_migrated(client, db):
    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {
        "database": "ok",
        "migrations": "ok",
        "broker": "ok",
        "consumers": "ok",
        "webhooks": "ok",
        "segments": "ok",
        "voucher_codes": "ok",
        "campaigns_waiting": "ok",
    }
    assert "no-store" in answer.headers["Cache-Control"]


def test_not_ready_while_a_migration_is_missing(client, db):
    MigrationRecorder(connection).record_unapplied("customers", "0002_tables")

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["migrations"] == "missing"


def test_not_ready_without_a_database(client, db, settings, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_a_probe_is_never_redirected(client, db, settings, address):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(address).status_code == 200
    assert client.get("/admin/login/").status_code == 301
