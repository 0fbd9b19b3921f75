"""Whom a campaign is for, which of their data it uses, and what would become of it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from campaigns.models import Campaign
from campaigns.queries.limits import narrowed_by_wishes, wishes_against
from campaigns.queries.wording import compiled
from campaigns.rules.readiness import Obstacle, obstacle
from campaigns.rules.variables import categories_of, sensitive
from consent.enums import Channel
from consent.models import Purpose
from consent.queries.predicate import RESTS_ON, with_verdict
from consent.queries.reach import Question, Reach, funnel, with_remedies
from consent.queries.sensitive import specifically_allowed
from customers.enums import Category
from customers.models import Customer
from segments.queries import members, rule_of


def purpose_of(campaign: Campaign) -> Purpose:
    """Return what the campaign is for: since the launch, whatever becomes of its segment."""
    return campaign.purpose or campaign.segment.purpose


def categories_used(campaign: Campaign) -> frozenset[Category]:
    """Return the data categories that the segment's rule and the message use together."""
    if campaign.purpose:
        return frozenset(map(Category, campaign.categories))
    source = campaign if campaign.html else campaign.template
    message = compiled(source.subject, source.html)
    rule = rule_of(campaign.segment)
    return rule.categories | categories_of(message.variables)


def audience(campaign: Campaign) -> QuerySet[Customer]:
    """Return everybody in the campaign's segment, permitted or not."""
    return members(campaign.segment)


def judged(
    campaign: Campaign, people: QuerySet[Customer], *, at: datetime
) -> QuerySet[Customer, dict[str, Any]]:
    """Return ``pk``, ``email`` and the ``outcome`` of writing this campaign to each of them.

    An outcome is a verdict, or what holds back a permitted message: see ``limits``.
    """
    return _with_outcome(campaign, people, at=at).values("pk", "email", "outcome")  # type: ignore[misc]  # annotated


def judged_again(
    campaign: Campaign, people: QuerySet[Customer], *, at: datetime
) -> dict[int, tuple[str, int | None]]:
    """Return, by customer, the outcome now and the consent event it rests on; read as one."""
    outcomes = _with_outcome(campaign, people, at=at).annotate(event=RESTS_ON)
    return {
        pk: (said, event) for pk, said, event in outcomes.values_list("pk", "outcome", "event")
    }


def _with_outcome(
    campaign: Campaign, people: QuerySet[Customer], *, at: datetime
) -> QuerySet[Customer]:
    purpose = purpose_of(campaign)
    permitted = with_verdict(
        people,
        purpose=purpose,
        channel=Channel(campaign.channel),
        using=categories_used(campaign),
        at=at,
    )
    return narrowed_by_wishes(permitted, campaign, purpose, at=at)


def forecast(campaign: Campaign, *, at: datetime) -> Reach:
    """Count the segment as a launch would decide now, with what would help those held back.

    After the verdicts come the wishes: see ``limits``. Who shares an address and who is kept back
    to compare is decided at the launch itself.
    """
    purpose = purpose_of(campaign)
    question: Question = {
        "purpose": purpose,
        "channel": Channel(campaign.channel),
        "using": categories_used(campaign),
        "at": at,
    }
    people = audience(campaign)
    reach = funnel(people, further=wishes_against(campaign, purpose, at=at), **question)
    return with_remedies(reach, people, **question)


def obstacle_of(campaign: Campaign) -> Obstacle | None:
    """Return what must be mended before the campaign can be launched."""
    message = compiled(campaign.template.subject, campaign.template.html)
    purpose = campaign.segment.purpose
    return obstacle(
        channel=campaign.channel,
        basis=purpose.basis,
        variables=message.variables,
        has_offer=campaign.offer is not None,
        offer_is_active=campaign.offer is not None and campaign.offer.is_active,
        # Asked only where it matters: it looks through everybody's answers.
        may_be_sensitive=bool(sensitive(message.variables)) and specifically_allowed([purpose]),
    )
