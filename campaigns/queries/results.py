"""What became of a campaign: where everybody went, and whether it paid."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum

from campaigns.enums import Finding, MessageState, Outcome, RedemptionState, SkipReason
from campaigns.models import Campaign, Click, Message, Redemption
from campaigns.queries.feedback import heard
from campaigns.rules.feedback import annoys_too_many
from campaigns.rules.statistics import (
    Interval,
    Sample,
    newcombe_interval,
    split_is_broken,
    welch_interval,
)
from customers.enums import STANDING

ON_THE_WAY = (MessageState.READY, MessageState.LEASED, MessageState.SENDING)


@dataclass(frozen=True)
class Waterfall:
    """Everybody of the segment, by what became of them; each level adds up to the one above.

    ``clicked`` are people known by name; ``nameless_clicks`` were counted without one, so the two
    are never added.
    """

    audience: int
    held: dict[Outcome, int]
    will_send: int
    skipped: dict[SkipReason, int]
    waiting: int
    failed: int
    uncertain: int
    sent: int
    bounced: int
    complained: int
    clicked: int
    nameless_clicks: int
    unsubscribed: int
    redeemed: int
    given_away: Decimal
    # Redemptions that are labelled, such as invented ones, by their label.
    noted: dict[str, int]

    @property
    def adds_up(self) -> bool:
        """Say whether nobody was lost and nobody counted twice."""
        meant = (
            sum(self.skipped.values()) + self.waiting + self.failed + self.uncertain + self.sent
        )
        return (
            self.audience == self.will_send + sum(self.held.values()) and self.will_send == meant
        )

    @property
    def delivered(self) -> int:
        """Return how many messages nobody said had come back."""
        return self.sent - self.bounced

    @property
    def annoys_too_many(self) -> bool:
        return annoys_too_many(complained=self.complained, delivered=self.delivered)


def waterfall(campaign: Campaign) -> Waterfall:
    """Count everybody, in four queries."""
    fates = ("outcome", "state", "skip_reason")
    counted = list(
        Message.objects.filter(campaign=campaign)
        .values(*fates)
        .annotate(people=Count("pk"), left=Count("unsubscribed_at"))
        .order_by(*fates)
        .values_list(*fates, "people", "left", named=True)
    )
    meant = [row for row in counted if row.outcome == Outcome.WILL_SEND]
    skipped = [row for row in meant if row.state == MessageState.SKIPPED]
    by_state = {row.state: row.people for row in meant if row not in skipped}
    clicks = Click.objects.filter(link__campaign=campaign).aggregate(
        people=Count("message", distinct=True), nameless=Count("pk", filter=Q(message=None))
    )
    told = heard(campaign)
    used = _redeemed(campaign)
    return Waterfall(
        audience=sum(row.people for row in counted),
        held={Outcome(row.outcome): row.people for row in counted if row not in meant},
        will_send=sum(row.people for row in meant),
        skipped={SkipReason(row.skip_reason): row.people for row in skipped},
        waiting=sum(by_state.get(state, 0) for state in ON_THE_WAY),
        failed=by_state.get(MessageState.FAILED, 0),
        uncertain=by_state.get(MessageState.UNCERTAIN, 0),
        sent=by_state.get(MessageState.SENT, 0),
        bounced=told.bounced,
        complained=told.complained,
        clicked=clicks["people"],
        nameless_clicks=clicks["nameless"],
        unsubscribed=sum(row.left for row in counted),
        redeemed=sum(row.people for row in used),
        given_away=sum((row.given_away for row in used), Decimal(0)),
        noted={row.note: row.people for row in used if row.note},
    )


def _redeemed(campaign: Campaign) -> list[Any]:
    """Count people, and what they were given, by the label of their redemptions."""
    used = Redemption.objects.filter(
        voucher__messages__campaign=campaign, state=RedemptionState.REDEEMED
    )
    return list(
        used.values("note")
        .annotate(people=Count("voucher__messages", distinct=True), given_away=Sum("discount"))
        .order_by("note")
        .values_list("note", "people", "given_away", named=True)
    )


@dataclass(frozen=True)
class Arm:
    """The people of one side of the comparison, those who bought nothing included."""

    people: int = 0
    buyers: int = 0
    orders: int = 0
    revenue: Decimal = Decimal(0)
    mean: float = 0.0
    variance: float = 0.0

    @property
    def sample(self) -> Sample:
        return Sample(count=self.people, mean=self.mean, variance=self.variance)


@dataclass(frozen=True)
class Result:
    """What those meant to get the message bought beyond what the control group bought.

    Intention to treat: whoever was skipped or failed stays on the side they were drawn for.
    ``per_person`` is in money, ``conversion`` a difference of shares; None while there is nobody
    to compare with. ``until`` is the last moment that counts so far.
    """

    treated: Arm
    control: Arm
    per_person: Interval | None
    conversion: Interval | None
    split_is_broken: bool
    until: datetime

    @property
    def finding(self) -> Finding:
        """Say in one word what this proves; a broken split proves nothing."""
        if not self.control.people or not self.treated.people:
            return Finding.NO_CONTROL_GROUP
        if self.split_is_broken:
            return Finding.SPLIT_BROKEN
        if self.per_person is None or not (self.treated.orders or self.control.orders):
            return Finding.TOO_EARLY
        if self.per_person.includes_zero:
            return Finding.NOT_PROVEN
        return Finding.PAID if self.per_person.difference > 0 else Finding.HARMED

    @property
    def total(self) -> Interval | None:
        """Return the uplift of all who were meant to get the message together, in money."""
        if self.per_person is None:
            return None
        people = self.treated.people
        return Interval(
            difference=self.per_person.difference * people,
            low=self.per_person.low * people,
            high=self.per_person.high * people,
        )


def result(campaign: Campaign, *, at: datetime) -> Result | None:
    """Compare the two sides by what they paid in the attribution window; None before a launch.

    What counts of an order is what was paid, after any voucher, less what was given back.
    """
    return results([campaign], at=at).get(campaign.pk)


def results(campaigns: Collection[Campaign], *, at: datetime) -> dict[int, Result]:
    """Return the ``result`` of each that was launched, by id; one query."""
    until = {
        it.pk: min(at, it.launched_at + timedelta(days=it.attribution_days))
        for it in campaigns
        if it.launched_at
    }
    arms = _arms(until) if until else {}
    return {
        it.pk: _compared(it, arms.get(it.pk, {}), until=until[it.pk])
        for it in campaigns
        if it.pk in until
    }


def _compared(campaign: Campaign, arms: dict[Outcome, Arm], *, until: datetime) -> Result:
    treated, control = arms.get(Outcome.WILL_SEND, Arm()), arms.get(Outcome.CONTROL_GROUP, Arm())
    return Result(
        treated=treated,
        control=control,
        per_person=welch_interval(treated.sample, control.sample),
        conversion=newcombe_interval(
            treated.buyers, treated.people, control.buyers, control.people
        ),
        split_is_broken=split_is_broken(
            control.people, treated.people + control.people, share=float(campaign.control_share)
        ),
        until=until,
    )


def _arms(until: dict[int, datetime]) -> dict[int, dict[Outcome, Arm]]:
    """Add up both sides of each campaign, until its moment, in one statement.

    Each person's orders come from their own index.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH person AS (
                SELECT m.campaign_id, m.outcome, coalesce(bought.orders, 0) AS orders,
                       coalesce(bought.revenue, 0) AS revenue
                FROM unnest(%s::bigint[], %s::timestamptz[]) AS window_of (campaign_id, until)
                JOIN campaigns_message m USING (campaign_id)
                LEFT JOIN LATERAL (
                    SELECT count(*) AS orders, sum(o.net_total) AS revenue
                    FROM customers_order o
                    WHERE o.customer_id = m.customer_id AND o.status = ANY(%s)
                      AND o.ordered_at >= m.decided_at AND o.ordered_at < window_of.until
                ) AS bought ON true
                WHERE m.outcome = ANY(%s)
            )
            SELECT campaign_id, outcome, count(*), count(*) FILTER (WHERE orders > 0),
                   sum(orders)::bigint, sum(revenue), avg(revenue)::float,
                   coalesce(var_samp(revenue), 0)::float
            FROM person GROUP BY campaign_id, outcome
            """,
            [
                list(until),
                list(until.values()),
                [status.value for status in STANDING],
                [Outcome.WILL_SEND.value, Outcome.CONTROL_GROUP.value],
            ],
        )
        arms: dict[int, dict[Outcome, Arm]] = {}
        for campaign, outcome, *figures in cursor.fetchall():
            arms.setdefault(campaign, {})[Outcome(outcome)] = Arm(*figures)
        return arms
