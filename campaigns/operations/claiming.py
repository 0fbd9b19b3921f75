"""Messages become one worker's alone, once it is certain that they may still be sent, and now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns.enums import MessageState
from campaigns.models import Campaign, Message
from campaigns.queries.audience import judged_again, purpose_of
from campaigns.queries.limits import quiet_hours, waking
from consent.enums import Verdict
from customers.models import Customer

# Longer than any batch: a turn ends after a second, and a message waits half a minute at most.
LEASE = timedelta(minutes=10)
# Put off until the morning in one statement of a second or two.
SLEEPERS = 20_000


@dataclass(frozen=True)
class Claim:
    """Messages that are this worker's alone; how many were skipped or wait for the morning."""

    leased: list[Message]
    skipped: int = 0
    waiting: int = 0

    @property
    def taken(self) -> int:
        return len(self.leased) + self.skipped + self.waiting


@transaction.atomic
def claim(campaign: Campaign, *, at: datetime, limit: int) -> Claim:
    """Take the next messages, and ask again whether they may be sent: much may have changed."""
    ready = Message.objects.filter(
        campaign=campaign, state=MessageState.READY, ready_at__lte=at
    ).order_by("ready_at", "pk")
    messages = list(
        ready.select_related("customer", "voucher").select_for_update(
            skip_locked=True, of=("self",)
        )[:limit]
    )
    if waiting := _let_sleep(campaign, messages, at=at):
        return Claim([], waiting=waiting)
    people = Customer.objects.filter(pk__in=[message.customer_id for message in messages])
    verdicts = judged_again(campaign, people, at=at)
    leased: list[Message] = []
    for message in messages:
        verdict, message.permission_event = verdicts[message.customer_id]
        if verdict == Verdict.ALLOWED:
            leased.append(message)
        else:
            mine(message, MessageState.READY).update(
                state=MessageState.SKIPPED, skip_reason=verdict
            )
    _lease(leased, at=at)
    for message in leased:
        message.fence += 1
        message.campaign = campaign
    return Claim(leased, skipped=len(messages) - len(leased))


def _let_sleep(campaign: Campaign, messages: list[Message], *, at: datetime) -> int:
    """Let the campaign's messages wait for the morning of whoever sleeps; return how many.

    Where one of those at hand sleeps, all who live by the same clock do: they wait together.
    """
    hours = quiet_hours(purpose_of(campaign)) if messages else None
    if hours is None:
        return 0
    asleep = waking(hours, {message.customer.timezone for message in messages}, at=at)
    if not asleep:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE campaigns_message SET ready_at = sleeping.until
            FROM (
                SELECT message.id, zone.until
                FROM campaigns_message message
                JOIN customers_customer person ON person.id = message.customer_id
                JOIN unnest(%s::text[], %s::timestamptz[]) AS zone (name, until)
                    ON zone.name = person.timezone
                WHERE message.campaign_id = %s AND message.state = 'ready'
                  AND message.ready_at <= %s
                ORDER BY message.ready_at, message.id
                LIMIT %s
                FOR UPDATE OF message SKIP LOCKED
            ) AS sleeping
            WHERE campaigns_message.id = sleeping.id
            """,
            [list(asleep), list(asleep.values()), campaign.pk, at, SLEEPERS],
        )
        return cursor.rowcount


def _lease(messages: list[Message], *, at: datetime) -> None:
    """Take the messages, and write down on which consent event of each person they may go."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE campaigns_message message
            SET state = 'leased', lease_until = %s, fence = fence + 1,
                allowed_at = %s, permission_event = taken.event
            FROM unnest(%s::bigint[], %s::bigint[]) AS taken (id, event)
            WHERE message.id = taken.id
            """,
            [
                at + LEASE,
                at,
                [message.pk for message in messages],
                [message.permission_event for message in messages],
            ],
        )


def mine(message: Message, *states: MessageState) -> QuerySet[Message]:
    """Return the row only while the lease is the one under which we hold it: the fence."""
    return Message.objects.filter(pk=message.pk, fence=message.fence, state__in=states)
