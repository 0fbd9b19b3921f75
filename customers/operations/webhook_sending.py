"""From a delivery that waits to one that was taken.

At least once: what a worker held when it died is sent again under the same id, by which receivers
know repeats. The order is not promised, since a failed delivery waits while others go on.
"""

import json
import random
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from time import monotonic
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from common.enums import PostOutcome
from common.operations import audit
from common.webhook_transport import Answer, WebhookTransport
from customers.enums import DeliveryState, DisabledReason
from customers.models import WebhookDelivery, WebhookSubscription
from customers.queries.webhooks import bodies
from customers.rules.webhooks import MOST_TRIES, signed_headers, wait_before_next

log = structlog.get_logger(__name__)

# At a time: in one worker; to one receiver by all workers; to one that fails.
THREADS = 32
TO_ONE = 8
TO_A_FAILING_ONE = 1
# Far longer than a POST may take, also where DNS is slow.
LEASE = timedelta(minutes=2)
SWITCHED_OFF_AFTER = timedelta(days=5)
# A busy receiver's row is not written at every success.
SUCCESS_IS_WRITTEN_EVERY = timedelta(minutes=1)
# Of a delivery's tries: more than one full schedule, since a replay begins another.
LONGEST_LOG = 20
FINAL = frozenset({PostOutcome.GONE, PostOutcome.NOTHING_TO_SAY})


def send_until_dry(
    *,
    clock: Callable[[], datetime],
    seconds: float = inf,
    transport: WebhookTransport | None = None,
) -> int:
    """Send whatever is due, for so many seconds at most; return how many tries were made.

    Threads only post; the database is spoken to by this one alone.
    """
    transport = transport or WebhookTransport()
    ends = monotonic() + seconds
    tried = 0
    recover(at=clock())
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as threads:
        under_way: dict[Future[Answer], WebhookDelivery] = {}
        while True:
            if monotonic() < ends:
                free = THREADS - len(under_way)
                for parcel in pack(claim(limit=free, at=clock()), at=clock()):
                    under_way[threads.submit(parcel.post, transport)] = parcel.delivery
            if not under_way:
                return tried
            finished, _still = wait(under_way, return_when=FIRST_COMPLETED)
            record([(under_way.pop(done), done.result()) for done in finished], at=clock())
            tried += len(finished)


def recover(*, at: datetime) -> None:
    """Take up what a dead worker held; what killed it every time is given up."""
    held = WebhookDelivery.objects.filter(state=DeliveryState.LEASED, lease_until__lte=at)
    held.filter(tries__gte=MOST_TRIES).update(
        state=DeliveryState.DEAD, lease_until=None, next_try_at=None
    )
    held.update(state=DeliveryState.FAILED, lease_until=None, next_try_at=at)


# One receiver that is slow holds its own few places, and leaves the others' free: what may be
# taken of each is what it may have under way less what it has.
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT waiting.id, waiting.next_try_at
    FROM customers_webhooksubscription AS webhook
    CROSS JOIN LATERAL (
        SELECT id, next_try_at FROM customers_webhookdelivery AS delivery
        WHERE delivery.subscription_id = webhook.id
          AND delivery.state IN ('ready', 'failed')
          AND delivery.next_try_at <= %(at)s
        ORDER BY next_try_at, id
        LIMIT greatest(0,
            CASE WHEN webhook.failing_since IS NULL THEN %(each)s ELSE %(failing)s END
            - (SELECT count(*) FROM customers_webhookdelivery AS held
               WHERE held.subscription_id = webhook.id AND held.state = 'leased'))
        FOR UPDATE SKIP LOCKED
    ) AS waiting
    WHERE webhook.is_active
    ORDER BY waiting.next_try_at, waiting.id
    LIMIT %(limit)s
)
UPDATE customers_webhookdelivery AS delivery
SET state = 'leased', lease_until = %(until)s, next_try_at = NULL,
    fence = fence + 1, tries = tries + 1
FROM due
WHERE delivery.id = due.id
RETURNING delivery.*
"""


@transaction.atomic
def claim(*, limit: int, at: datetime) -> Sequence[WebhookDelivery]:
    """Take what is due, longest first, no more of one receiver than it may have at a time."""
    if limit <= 0:
        return []
    asked = {"at": at, "until": at + LEASE, "limit": limit}
    rows = list(
        WebhookDelivery.objects.raw(CLAIM, {**asked, "each": TO_ONE, "failing": TO_A_FAILING_ONE})
    )
    webhooks = WebhookSubscription.objects.in_bulk({row.subscription_id for row in rows})
    for row in rows:
        row.subscription = webhooks[row.subscription_id]
    return rows


@dataclass(frozen=True)
class Parcel:
    """A delivery ready to go; ``body`` is None when there is nothing left to tell."""

    delivery: WebhookDelivery
    url: str
    body: bytes | None
    at: datetime
    secrets: Sequence[str]

    def post(self, transport: WebhookTransport) -> Answer:
        if self.body is None:
            return Answer(PostOutcome.NOTHING_TO_SAY)
        headers = signed_headers(
            self.body, secrets=self.secrets, webhook_id=self.delivery.webhook_id, at=self.at
        )
        return transport.post(self.url, body=self.body, headers=headers)


def pack(deliveries: Sequence[WebhookDelivery], *, at: datetime) -> list[Parcel]:
    """Put together what is said, as permissions stand at this moment."""
    said = bodies(deliveries) if deliveries else {}
    secrets = {row.subscription.pk: row.subscription.secrets_at(at) for row in deliveries}
    return [
        Parcel(row, row.subscription.url, said.get(row.pk), at, secrets[row.subscription.pk])
        for row in deliveries
    ]


# Only while the lease is the one under which it was sent: the fence.
RECORD = """
UPDATE customers_webhookdelivery AS delivery
SET state = came.state, next_try_at = came.next_try_at, delivered_at = came.delivered_at,
    lease_until = NULL, last_outcome = came.outcome, last_status = came.status,
    last_seconds = came.seconds, log = came.log
FROM jsonb_to_recordset(%s::jsonb) AS came(
    id bigint, fence int, state text, next_try_at timestamptz, delivered_at timestamptz,
    outcome text, status int, seconds float, log jsonb)
WHERE delivery.id = came.id AND delivery.fence = came.fence AND delivery.state = 'leased'
"""


def record(came: Sequence[tuple[WebhookDelivery, Answer]], *, at: datetime) -> None:
    """Write down what came of the tries, and how their receivers are."""
    rows = [_row(delivery, answer, at=at) for delivery, answer in came]
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [json.dumps(rows)])
    # One row a statement and no transaction: two workers cannot wait for each other.
    for number in sorted({delivery.subscription_id for delivery, _answer in came}):
        outcomes = {a.outcome for d, a in came if d.subscription_id == number}
        _note_health(number, outcomes, at=at)


def _row(delivery: WebhookDelivery, answer: Answer, *, at: datetime) -> dict[str, Any]:
    state, next_try_at = _verdict(delivery, answer, at=at)
    told = {"outcome": answer.outcome, "status": answer.status, "seconds": answer.seconds}
    entry = {"at": at.isoformat(), **told}
    return {
        "id": delivery.pk,
        "fence": delivery.fence,
        "state": state,
        "next_try_at": next_try_at and next_try_at.isoformat(),
        "delivered_at": at.isoformat() if answer.taken else None,
        **told,
        "log": [*delivery.log, entry][-LONGEST_LOG:],
    }


def _verdict(
    delivery: WebhookDelivery, answer: Answer, *, at: datetime
) -> tuple[DeliveryState, datetime | None]:
    if answer.taken:
        return DeliveryState.DELIVERED, None
    jitter = random.random()  # noqa: S311 -- no secret
    pause = wait_before_next(delivery.tries, jitter=jitter, asked=answer.retry_after)
    # Whoever tries a webhook out waits for the answer, and for no second one.
    if pause is None or answer.outcome in FINAL or delivery.is_test:
        return DeliveryState.DEAD, None
    return DeliveryState.FAILED, at + pause


def _note_health(number: int, outcomes: Collection[PostOutcome], *, at: datetime) -> None:
    webhook = WebhookSubscription.objects.filter(pk=number)
    if PostOutcome.GONE in outcomes:
        _switch_off(webhook, DisabledReason.GONE, at=at)
    elif PostOutcome.TAKEN in outcomes:
        known = at - SUCCESS_IS_WRITTEN_EVERY
        stale = Q(last_success_at=None) | Q(last_success_at__lt=known)
        webhook.filter(stale | Q(failing_since__isnull=False)).update(
            last_success_at=at, failing_since=None
        )
    else:
        webhook.filter(failing_since=None).update(failing_since=at)
        hopeless = webhook.filter(failing_since__lte=at - SWITCHED_OFF_AFTER)
        _switch_off(hopeless, DisabledReason.FAILING, at=at)


def _switch_off(
    webhook: QuerySet[WebhookSubscription], reason: DisabledReason, *, at: datetime
) -> None:
    """Send nothing more until a person has looked; the back office says so."""
    for each in webhook.filter(is_active=True):
        webhook.update(is_active=False, disabled_reason=reason)
        audit("customers.webhook_switched_off", each, at=at, reason=reason.value)
        log.warning("webhook_switched_off", webhook=each.pk, reason=reason.value)
