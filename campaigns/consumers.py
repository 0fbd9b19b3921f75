"""What the timeline sets off: whoever comes into a segment is written to."""

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.operations.launching import write_to_entrants
from customers.models import Event
from customers.rules import Consumer, Span
from segments.operations.telling import ENTERED


def follow_entries(span: Span, *, at: datetime) -> None:
    """Let the campaigns that wait for them decide on those who came into their segments."""
    entries = Event.objects.within(span).filter(kind=ENTERED, customer__isnull=False)
    entered: dict[int, set[int]] = defaultdict(set)
    for segment, customer in entries.values_list("data__segment_id", "customer"):
        entered[segment].add(customer)
    for campaign in Campaign.objects.waiting_for_entrants().filter(segment__in=entered):
        write_to_entrants(campaign, entered[campaign.segment_id], at=at)


CONSUMERS = [
    Consumer(
        name="campaigns.entries",
        label=_("Campaigns write to whoever comes into a segment"),
        react=follow_entries,
        limit=5_000,
    )
]
