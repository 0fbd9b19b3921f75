"""The verdict on the people of a chunk: one statement, told step by step.

Each step is a table for the next one; the last one writes a row for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.enums import MessageState, Outcome
from campaigns.models import Campaign, Message
from campaigns.queries.audience import judged
from consent.enums import Verdict
from customers.models import Customer

# The audience: those who could be written to, whether they will be or are kept back to compare.
ADDRESSED = (Outcome.WILL_SEND, Outcome.CONTROL_GROUP)


@dataclass(frozen=True)
class Step:
    """SQL, and its values in their order."""

    sql: str
    values: Sequence[Any]


def decide(campaign: Campaign, people: Sequence[int], *, at: datetime) -> None:
    """Write one row a person, by id, with the verdict."""
    steps = (
        _judged(campaign, people, at=at),
        _decided(campaign),
        _drawn(campaign),
        _placed(campaign),
        _written(campaign, at=at),
    )
    sql = "WITH {}, {}, {}, {} {}".format(*(step.sql for step in steps))
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for step in steps for value in step.values])


def _judged(campaign: Campaign, people: Sequence[int], *, at: datetime) -> Step:
    """What the predicate says of each, and the address that they would be reached by."""
    judgement = judged(campaign, Customer.objects.filter(pk__in=people), at=at)
    select, values = judgement.query.sql_with_params()
    return Step(f"judged (customer_id, address, verdict) AS ({select})", values)


def _decided(campaign: Campaign) -> Step:
    """Why somebody is held back; NULL for who can be written to.

    Of several people with one address the lowest id is written to, also of an earlier chunk.
    """
    return Step(
        """
        decided AS (
            SELECT customer_id,
                   CASE
                       WHEN verdict <> %s THEN verdict
                       WHEN row_number() OVER (
                                PARTITION BY verdict, address ORDER BY customer_id
                            ) > 1
                            OR EXISTS (
                                SELECT FROM customers_customer twin
                                JOIN campaigns_message earlier
                                    ON earlier.customer_id = twin.id
                                    AND earlier.campaign_id = %s
                                    AND earlier.outcome = ANY(%s)
                                WHERE twin.email = address AND twin.email <> ''
                            ) THEN %s
                   END AS held
            FROM judged
        )
        """,
        [Verdict.ALLOWED, campaign.pk, list(ADDRESSED), Outcome.DUPLICATE_ADDRESS],
    )


def _drawn(campaign: Campaign) -> Step:
    """The place of each in the draw for the control group.

    It depends on a hash of campaign and customer alone, so that campaigns draw independently of
    each other. Method: hashed assignment, Kohavi, Tang and Xu, *Trustworthy Online Controlled
    Experiments* (2020), chapter 4.
    """
    return Step(
        """
        drawn AS (
            SELECT customer_id, held,
                   row_number() OVER (
                       PARTITION BY held IS NULL
                       ORDER BY sha256(convert_to(%s || ':' || customer_id, 'UTF8'))
                   ) AS place,
                   count(*) OVER (PARTITION BY held IS NULL) AS addressed
            FROM decided
        )
        """,
        [f"control:{campaign.pk}"],
    )


def _placed(campaign: Campaign) -> Step:
    """Whether each is written to; after each chunk the control group is exact.

    It is the campaign's share of all who could be written to so far, rounded: shares rounded
    chunk by chunk would drift.
    """
    drawn = Message.objects.filter(campaign=campaign, outcome__in=ADDRESSED)
    return Step(
        """
        placed AS (
            SELECT customer_id,
                   CASE
                       WHEN held IS NOT NULL THEN held
                       WHEN place <= round(%s * (%s + addressed)) - %s THEN %s
                       ELSE %s
                   END AS outcome
            FROM drawn
        )
        """,
        [
            campaign.control_share,
            drawn.count(),
            drawn.filter(outcome=Outcome.CONTROL_GROUP).count(),
            Outcome.CONTROL_GROUP,
            Outcome.WILL_SEND,
        ],
    )


def _written(campaign: Campaign, *, at: datetime) -> Step:
    return Step(
        """
        INSERT INTO campaigns_message
            (campaign_id, customer_id, channel, outcome, state, decided_at,
             skip_reason, fence, attempts, error)
        SELECT %s, customer_id, %s, outcome,
               CASE WHEN outcome = %s THEN %s ELSE %s END, %s, '', 0, 0, ''
        FROM placed
        ORDER BY customer_id
        """,
        [
            campaign.pk,
            campaign.channel,
            Outcome.WILL_SEND,
            MessageState.READY,
            MessageState.HELD,
            at,
        ],
    )
