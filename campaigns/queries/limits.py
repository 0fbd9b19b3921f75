"""What holds back a permitted message: wishes of the person, and the hour."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from campaigns.enums import MessageState, Outcome
from campaigns.models import Campaign, Message
from campaigns.rules.quiet import QuietHours, first_loud
from campaigns.rules.readiness import WITHOUT_WAY_OUT
from consent.enums import Verdict
from consent.models import PrivacySettings, Purpose, Wish
from consent.queries.wishes import has_muted
from consent.rules.wishes import topics_of
from customers.models import Customer

ON_ITS_WAY = (MessageState.LEASED, MessageState.SENDING)


def narrowed_by_wishes(
    people: QuerySet[Customer], campaign: Campaign, purpose: Purpose, *, at: datetime
) -> QuerySet[Customer]:
    """Annotate ``outcome``: the ``verdict``, and for the permitted what they wish of messages.

    What belongs to a contract or is due by law comes all the same.
    """
    allowed = Q(verdict=Verdict.ALLOWED)
    against = wishes_against(campaign, purpose, at=at)
    return people.annotate(
        outcome=Case(
            *(When(allowed & wish, then=Value(outcome.value)) for outcome, wish in against),
            default=F("verdict"),
            output_field=CharField(),
        )
    )


def wishes_against(
    campaign: Campaign, purpose: Purpose, *, at: datetime
) -> list[tuple[Outcome, Q]]:
    """Return who of the permitted does not want this message, in the order in which it counts."""
    if purpose.basis in WITHOUT_WAY_OUT:
        return []
    return [
        (Outcome.MUTED_TOPIC, Q(_has_muted(campaign))),
        (Outcome.WANTS_LESS, Q(_heard_lately(at=at))),
    ]


def _has_muted(campaign: Campaign) -> Exists:
    occasions = [campaign.about_occasion] if campaign.about_occasion else []
    return has_muted(topics_of(category=campaign.about_category, occasions=occasions))


def _heard_lately(*, at: datetime) -> Exists:
    """Say whether somebody who wants at most one message in so many days got one within them."""
    of_theirs = Message.objects.filter(customer=OuterRef("customer")).exclude(
        campaign__basis__in=WITHOUT_WAY_OUT
    )
    days = ExpressionWrapper(
        Value(timedelta(days=1)) * F("at_most_every_days"), output_field=DurationField()
    )
    lately = Wish.objects.annotate(since=Value(at) - days).filter(
        Exists(of_theirs.filter(Q(sent_at__gt=OuterRef("since")) | Q(state__in=ON_ITS_WAY)))
    )
    return Exists(lately.filter(customer=OuterRef("pk"), at_most_every_days__isnull=False))


def quiet_hours(purpose: Purpose) -> QuietHours | None:
    """Return when a purpose is silent; None for what belongs to a contract or is due by law.

    Mail that stays in the house wakes nobody: until somebody has saved the privacy settings, an
    installation without a mail server, such as the demo, knows no quiet hours.
    """
    if purpose.basis in WITHOUT_WAY_OUT:
        return None
    chosen = PrivacySettings.objects.first()
    if chosen is None and not settings.EMAIL_URL:
        return None
    chosen = chosen or PrivacySettings()
    return QuietHours(chosen.quiet_from, chosen.quiet_until, chosen.quiet_on_sundays)


def waking(hours: QuietHours, zones: set[str], *, at: datetime) -> dict[str, datetime]:
    """Return, of zones as customers have them ("": the shop's), those that sleep, until when."""
    woken = {zone: first_loud(hours, zone=_zone(zone), at=at) for zone in zones}
    return {zone: until for zone, until in woken.items() if until > at}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or settings.SHOP_TIME_ZONE)
    except (ValueError, OSError, LookupError):
        return ZoneInfo(settings.SHOP_TIME_ZONE)
