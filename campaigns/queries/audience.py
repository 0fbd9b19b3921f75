"""Whom a campaign is for, and which of their data choose and fill its message."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from campaigns.models import Campaign
from campaigns.queries.wording import compiled
from campaigns.rules.variables import categories_of
from consent.enums import Channel
from consent.queries import with_verdict
from customers.enums import Category
from customers.models import Customer
from segments.queries import members, traits
from segments.rules import read_rule


def categories_used(campaign: Campaign) -> frozenset[Category]:
    """Return the data categories that the segment's rule and the message use together."""
    source = campaign if campaign.html else campaign.template
    message = compiled(source.subject, source.html)
    rule = read_rule(campaign.segment.rule, traits())
    return rule.categories | categories_of(message.variables)


def audience(campaign: Campaign) -> QuerySet[Customer]:
    """Return everybody in the campaign's segment, permitted or not."""
    return members(campaign.segment)


def judged(
    campaign: Campaign, people: QuerySet[Customer], *, at: datetime
) -> QuerySet[Customer, dict[str, Any]]:
    """Return ``pk``, ``email`` and the ``verdict`` on writing this campaign to each of them."""
    verdicts = with_verdict(
        people,
        purpose=campaign.segment.purpose,
        channel=Channel(campaign.channel),
        using=categories_used(campaign),
        at=at,
    )
    return verdicts.values("pk", "email", "verdict")  # type: ignore[misc]  # annotated
