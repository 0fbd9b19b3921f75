"""Whether every message and every named click was permitted when it was decided upon.

Derived anew, from the consent events that there were then: up to the one that the row names, and
without those that a later merge brought from another record of the person.
"""

from datetime import datetime

from django.db import connection

from campaigns.enums import MessageState
from consent.queries.proofs import Found, standing_then
from customers.enums import Category

# ``used`` is a row of what is looked at; ``anchor`` the consent event that it names.
_EVENTS = """
    customer_id = used.customer_id AND purpose_id = used.purpose_id
    AND id <= used.permission_event
    AND (first_customer_id = used.first_customer_id OR EXISTS (
        SELECT FROM customers_merge AS merge
        WHERE merge.merged_at <= used.decided_at
          AND merge.loser_id IN (consent_consentevent.first_customer_id, used.first_customer_id)
    ))
"""
_LOOKED_AT = """
    WITH used AS ({used})
    SELECT count(*), array_agg(used.id) FILTER (WHERE NOT CASE
        WHEN used.needs_opt_in THEN then_stood.allowed = used.scopes
        ELSE then_stood.refused = 0 END)
    FROM used CROSS JOIN LATERAL ({stood}) AS then_stood
"""
# What left before decisions were kept names none, and is not looked at.
_MESSAGES = """
    SELECT message.id, message.customer_id, message.channel, message.permission_event,
           message.allowed_at AS decided_at, anchor.first_customer_id,
           campaign.categories, 1 + cardinality(campaign.categories) AS scopes,
           purpose.code AS purpose_id, purpose.needs_opt_in
    FROM campaigns_message AS message
    JOIN campaigns_campaign AS campaign ON campaign.id = message.campaign_id
    JOIN consent_purpose AS purpose ON purpose.code = campaign.purpose_id
    LEFT JOIN consent_consentevent AS anchor ON anchor.id = message.permission_event
    WHERE message.state = %(sent)s AND message.allowed_at IS NOT NULL
      AND message.sent_at <= %(until)s
      AND (%(since)s::timestamptz IS NULL OR message.sent_at > %(since)s)
"""
_CLICKS = """
    SELECT click.id, message.customer_id, click.permission_event,
           click.clicked_at AS decided_at, anchor.first_customer_id, 1 AS scopes,
           purpose.code AS purpose_id, purpose.needs_opt_in
    FROM campaigns_click AS click
    JOIN campaigns_message AS message ON message.id = click.message_id
    JOIN campaigns_campaign AS campaign ON campaign.id = message.campaign_id
    JOIN consent_purpose AS purpose ON purpose.code = campaign.purpose_id
    LEFT JOIN consent_consentevent AS anchor ON anchor.id = click.permission_event
    WHERE click.clicked_at <= %(until)s
      AND (%(since)s::timestamptz IS NULL OR click.clicked_at > %(since)s)
"""


def messages_without_permission(since: datetime | None, until: datetime) -> Found:
    """Look at what was sent after ``since`` and up to ``until``; a fault is a message's id."""
    stood = standing_then(
        _EVENTS,
        among="channel = used.channel OR category = ANY(used.categories)",
        at="used.decided_at",
    )
    return _found(_MESSAGES, stood, since=since, until=until)


def clicks_without_permission(since: datetime | None, until: datetime) -> Found:
    """Look at the clicks that are kept with a name; a fault is a click's id."""
    stood = standing_then(
        _EVENTS, among=f"category = '{Category.BROWSING.value}'", at="used.decided_at"
    )
    return _found(_CLICKS, stood, since=since, until=until)


def _found(used: str, stood: str, *, since: datetime | None, until: datetime) -> Found:
    with connection.cursor() as cursor:
        cursor.execute(
            _LOOKED_AT.format(used=used, stood=stood),
            {"since": since, "until": until, "sent": MessageState.SENT.value},
        )
        checked, faults = cursor.fetchone()
    return Found(checked, faults or [])
