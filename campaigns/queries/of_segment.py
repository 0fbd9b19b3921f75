"""The campaigns that went to a segment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Message
from campaigns.queries.results import Result, results
from segments.models import Segment

MOST_CAMPAIGNS = 20
MOST_RESULTS = 5


@dataclass(frozen=True)
class Use:
    """A campaign and how many of its messages have left."""

    campaign: Campaign
    sent: int


def uses(segment: Segment) -> list[Use]:
    """Return the newest campaigns of the segment, those not launched yet first; one query."""
    sent = Message.objects.filter(campaign=OuterRef("pk"), sent_at__isnull=False).order_by()
    counted = sent.values("campaign").annotate(people=Count("pk")).values("people")
    found = Campaign.objects.filter(segment=segment).annotate(sent=Coalesce(Subquery(counted), 0))
    newest = found.order_by(F("launched_at").desc(nulls_first=True), "-created_at", "-pk")
    return [Use(it, it.sent) for it in newest[:MOST_CAMPAIGNS]]


def latest_results(segment: Segment, *, at: datetime) -> list[tuple[Campaign, Result]]:
    """Return what the last campaigns brought, the newest first; two queries."""
    launched = Campaign.objects.filter(segment=segment, launched_at__isnull=False)
    latest: Collection[Campaign] = list(launched.order_by("-launched_at", "-pk")[:MOST_RESULTS])
    found = results(latest, at=at)
    return [(it, found[it.pk]) for it in latest]
