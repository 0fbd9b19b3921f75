"""How a campaign was received: what bounced, who complained."""

from dataclasses import dataclass

from django.db.models import Count, Q

from campaigns.enums import BOUNCES, FeedbackKind, MessageState
from campaigns.models import Campaign, Feedback, Message


@dataclass(frozen=True)
class Heard:
    """Messages, not words: what is told twice of one message counts once."""

    bounced: int
    complained: int


def heard(campaign: Campaign) -> Heard:
    return Heard(
        **Feedback.objects.filter(campaign=campaign).aggregate(
            bounced=Count("message", distinct=True, filter=Q(kind__in=BOUNCES)),
            complained=Count("message", distinct=True, filter=Q(kind=FeedbackKind.COMPLAINED)),
        )
    )


def sent(campaign: Campaign) -> int:
    return Message.objects.filter(campaign=campaign, state=MessageState.SENT).count()
