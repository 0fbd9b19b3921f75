"""Whether this process can serve, told so that a stranger learns nothing; what staff should know.

An app declares what may be wrong with it in ``health.py: SYSTEM_STATES``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from kombu.exceptions import OperationalError

from common.discovery import declared


@dataclass(frozen=True)
class SystemState:
    """A part of the program that may be in trouble.

    ``troubles`` says what is wrong, in sentences for staff; nothing when all is well.
    ``url_name`` leads to the page where it can be mended.
    """

    code: str
    label: str | Promise
    troubles: Callable[[datetime], Sequence[str]]
    url_name: str = ""


def readiness(*, at: datetime) -> dict[str, str]:
    database = _database()
    if set(database.values()) != {"ok"}:
        return {**database, "broker": _broker()}
    states = {
        state.code: "trouble" if state.troubles(at) else "ok" for state in _declared_states()
    }
    return {**database, "broker": _broker(), **states}


def system_states() -> tuple[SystemState, ...]:
    """Return what staff are shown; the database is not among them, or no page would open."""
    return (*_declared_states(), BROKER)


def _declared_states() -> tuple[SystemState, ...]:
    return declared("health", "SYSTEM_STATES")


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


def _broker_troubles(at: datetime) -> list[str]:
    if _broker() == "ok":
        return []
    return [_("It does not answer: background work begins seconds later.")]


BROKER = SystemState("broker", gettext_lazy("Message broker"), _broker_troubles)
