"""What a webhook says, how it is signed, and when it is tried again.

The envelope is that of Standard Webhooks 1.0 (standardwebhooks.com), so that receivers need no
code of ours to check it.
"""

import base64
import hmac
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from customers.enums import WebhookContent

SECRET_PREFIX = "whsec_"  # noqa: S105 -- the spec's word, no secret
SECRET_BYTES = 32
TEST_KIND = "clientela.test"

# The spec's schedule: three days and three hours, then it is given up.
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
MOST_TRIES = len(WAITS) + 1
# A tenth more at most, so that what failed together does not come back together.
JITTER_SHARE = 0.1
LONGEST_WAIT = timedelta(days=1)


def secret_of(key: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(key).decode()


def signed_headers(
    body: bytes, *, secrets: Collection[str], webhook_id: str, at: datetime
) -> dict[str, str]:
    """Return the headers by which a receiver knows that ``body`` is ours and new.

    With two secrets there are two signatures: a receiver accepts either.
    """
    timestamp = str(int(at.timestamp()))
    content = f"{webhook_id}.{timestamp}.".encode() + body
    return {
        "Content-Type": "application/json",
        "User-Agent": "Clientela-Webhooks/1",
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(content, secret) for secret in secrets),
    }


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def body_of(
    kind: str,
    *,
    occurred_at: datetime,
    customer: str | None,
    details: Mapping[str, Any],
    content: WebhookContent,
    may_name: bool,
) -> bytes:
    """Return the JSON that is sent; without permission neither the customer nor details."""
    told: dict[str, Any] = {}
    if content != WebhookContent.EVENT:
        told["customer"] = customer if may_name else None
    if content == WebhookContent.DETAILS:
        told["details"] = shown_details(details) if may_name else {}
    return msgspec.json.encode({"type": kind, "timestamp": occurred_at, "data": told})


def shown_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out our own ids, which mean nothing outside."""
    return {name: value for name, value in details.items() if not name.endswith("_id")}


def wait_before_next(tries: int, *, jitter: float, asked: int | None = None) -> timedelta | None:
    """Return how long to wait after so many failed tries, or None to give up.

    ``jitter`` is drawn from 0 to 1; ``asked`` are the seconds that the receiver asked for, which
    can make the wait longer, up to a day.
    """
    if tries >= MOST_TRIES:
        return None
    wait = WAITS[tries - 1] * (1 + JITTER_SHARE * jitter)
    return max(wait, min(timedelta(seconds=asked or 0), LONGEST_WAIT))
