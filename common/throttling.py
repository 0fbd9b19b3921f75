"""How many requests a minute a key may make, counted over all processes and hosts.

The count is in PostgreSQL and not in the broker: a shop may run RabbitMQ, and nothing that must
be right may depend on the bell. It stays off the hot path: a process takes a hundredth of the
minute's requests at once and counts those down in its own memory, and the table is unlogged, so
that the one write in a hundred requests does not wait for the disk. A key can never exceed its
limit; what a process took and did not use is lost with the minute.
"""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.db import connection
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common.models import ApiKey

SHARES = 100


@dataclass
class Allowance:
    """What this process may still let through in a minute, before it asks again."""

    minute: int = 0
    left: int = 0
    used_up: bool = False


_allowances: dict[str, Allowance] = {}
_lock = Lock()


class ApiKeyThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiKey):
            return True  # refused already, or open to everybody
        return admit(request.auth, minute=int(time.time() // 60))

    def wait(self) -> float:
        """Return the seconds until the next minute."""
        return 60 - time.time() % 60


def admit(key: ApiKey, *, minute: int) -> bool:
    """Say whether the key may make one more request in this minute, and count it."""
    # The prefix, since it is never given twice.
    with _lock:
        allowance = _allowances.setdefault(key.prefix, Allowance())
        if allowance.minute != minute:
            allowance.minute, allowance.left, allowance.used_up = minute, 0, False
        if allowance.left == 0 and not allowance.used_up:
            allowance.left = take_share(key, minute=minute)
            allowance.used_up = allowance.left == 0
        if allowance.left == 0:
            return False
        allowance.left -= 1
        return True


def take_share(key: ApiKey, *, minute: int) -> int:
    """Take the next share of the minute's requests; 0 when none are left."""
    share = max(1, key.requests_per_minute // SHARES)
    with connection.cursor() as cursor:
        # A host whose clock is behind counts in the newer minute.
        cursor.execute(
            """
            INSERT INTO common_apikeyusage AS known (api_key_id, minute, granted)
            VALUES (%(key)s, %(minute)s, least(%(share)s, %(limit)s))
            ON CONFLICT (api_key_id) DO UPDATE SET
                minute = greatest(known.minute, excluded.minute),
                granted = CASE WHEN excluded.minute > known.minute THEN excluded.granted
                               ELSE known.granted + excluded.granted END
            WHERE excluded.minute > known.minute OR known.granted < %(limit)s
            RETURNING granted
            """,
            {
                "key": key.pk,
                "minute": minute,
                "share": share,
                "limit": key.requests_per_minute,
            },
        )
        granted = cursor.fetchone()
    if granted is None:
        return 0
    return min(share, key.requests_per_minute) - max(0, granted[0] - key.requests_per_minute)
