"""Whether this process can serve, in words that tell a stranger nothing."""

from functools import cache

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from kombu.exceptions import OperationalError


def readiness() -> dict[str, str]:
    return {**_database(), "broker": _broker()}


def _database() -> dict[str, str]:
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return {"database": "unreachable", "migrations": "unknown"}
    behind = _known_migrations() - applied.keys()
    return {"database": "ok", "migrations": "missing" if behind else "ok"}


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Return what the code of this process expects, which does not change while it runs."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=0, timeout=1)
    except (OperationalError, OSError):
        return "unreachable"
    return "ok"
