"""How fast a withdrawal is felt: the time from each to the last message after it."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db import connection

from campaigns.enums import MessageState
from consent.rules import DENIALS, GRANTS


@dataclass(frozen=True)
class Clock:
    """What became of withdrawals; times are in seconds, 0 where nothing came any more.

    ``messages_after`` counts what was handed over although the withdrawal had been heard of, and
    ``in_hand`` what had been decided upon a moment before: it was on its way already.
    """

    withdrawals: int
    messages_after: int
    in_hand: int
    median_seconds: float
    worst_seconds: float


# A permission given again ends the question. A message is of the channel that was refused, or of
# any, when it was the use of data that the campaign uses.
_WITHDRAWALS = """
    SELECT coalesce(extract(epoch FROM max(message.sent_at) - no.recorded_at), 0)::float,
           count(message.id) FILTER (WHERE message.allowed_at > no.recorded_at),
           count(message.id) FILTER (WHERE message.allowed_at <= no.recorded_at)
    FROM consent_consentevent AS no
    LEFT JOIN campaigns_message AS message
        ON message.customer_id = no.customer_id
        AND message.state = %(sent)s AND message.sent_at > no.recorded_at
        AND message.permission_event IS NOT NULL
        AND EXISTS (
            SELECT FROM campaigns_campaign AS campaign
            WHERE campaign.id = message.campaign_id AND campaign.purpose_id = no.purpose_id
              AND (message.channel = no.channel OR no.category = ANY(campaign.categories))
        )
        AND NOT EXISTS (
            SELECT FROM consent_consentevent AS yes
            WHERE yes.customer_id = no.customer_id AND yes.purpose_id = no.purpose_id
              AND (yes.channel, yes.category) = (no.channel, no.category)
              AND yes.act = ANY(%(grants)s) AND yes.id > no.id
              AND yes.recorded_at <= message.sent_at
        )
    WHERE no.act = ANY(%(denials)s) AND no.recorded_at > %(since)s
    GROUP BY no.id, no.recorded_at
"""


def clock(*, since: datetime) -> Clock:
    """Measure every withdrawal, refusal and objection that we heard of after ``since``."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WITHDRAWALS,
            {
                "sent": MessageState.SENT.value,
                "denials": sorted(DENIALS),
                "grants": sorted(GRANTS),
                "since": since,
            },
        )
        rows = cursor.fetchall()
    seconds = [lasted for lasted, _after, _in_hand in rows]
    return Clock(
        withdrawals=len(rows),
        messages_after=sum(after for _lasted, after, _in_hand in rows),
        in_hand=sum(in_hand for _lasted, _after, in_hand in rows),
        median_seconds=median(seconds) if seconds else 0.0,
        worst_seconds=max(seconds, default=0.0),
    )
