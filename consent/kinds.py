from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from consent.enums import Channel, Occasion, RequestKind, RestrictionReason, TopicKind
from consent.models import Purpose
from consent.rules.wishes import frequency_in_words
from customers.enums import Category, FieldType
from customers.rules import EventKind, KindField


def _scope(data: Mapping[str, Any]) -> dict[str, Any]:
    """Say the channel or the kind of data that the choice was about."""
    if data.get("channel") in Channel.values:
        return {"scope": Channel(data["channel"]).label}
    if data.get("category") in Category.values:
        return {"scope": Category(data["category"]).label}
    return {}


def _asked(data: Mapping[str, Any]) -> dict[str, Any]:
    kind = data.get("kind")
    return {"kind": RequestKind(kind).label} if kind in RequestKind.values else {}


def _reason(data: Mapping[str, Any]) -> dict[str, Any]:
    if data.get("reason") not in RestrictionReason.values:
        return {}
    return {"reason": RestrictionReason(data["reason"]).label}


def _until(data: Mapping[str, Any]) -> dict[str, Any]:
    until = parse_datetime(str(data.get("until", "")))
    return {"until": date_format(localtime(until), "SHORT_DATE_FORMAT")} if until else {}


def _frequency(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"frequency": frequency_in_words(data["days"])} if "days" in data else {}


def _topic(data: Mapping[str, Any]) -> dict[str, Any]:
    """Say the product, the product category or the occasion; nothing once it was erased."""
    value = data.get("value")
    if data.get("kind") == TopicKind.OCCASION and value in Occasion.values:
        return {"topic": Occasion(value).label}
    return {"topic": data.get("name") or value} if value else {}


def _purposes() -> list[tuple[str, str]]:
    return [(purpose.pk, str(purpose)) for purpose in Purpose.objects.all()]


# A choice is about one channel or one kind of data.
CHOICE = (
    KindField("purpose", label=_("Purpose"), choices=_purposes),
    KindField("channel", label=_("Channel"), choices=lambda: Channel.choices),
    KindField("category", label=_("Kind of data"), choices=lambda: Category.choices),
)
TOPIC = (KindField("kind", label=_("Kind of topic"), choices=lambda: TopicKind.choices),)


KINDS = [
    EventKind(
        code="consent.given",
        label=_("Permission given"),
        category=Category.IDENTITY,
        sentence=_("Gave permission: %(scope)s"),
        in_words=_scope,
        icon="check_circle",
        tells=CHOICE,
    ),
    EventKind(
        code="consent.refused",
        label=_("Permission refused"),
        category=Category.IDENTITY,
        sentence=_("Refused permission: %(scope)s"),
        in_words=_scope,
        icon="block",
        tells=CHOICE,
    ),
    EventKind(
        code="consent.withdrawn",
        label=_("Permission withdrawn"),
        category=Category.IDENTITY,
        sentence=_("Withdrew permission: %(scope)s"),
        in_words=_scope,
        icon="cancel",
        tells=CHOICE,
    ),
    EventKind(
        code="consent.ended",
        label=_("Permission ended"),
        category=Category.IDENTITY,
        sentence=_("Permission ended: %(scope)s"),
        in_words=_scope,
        icon="event_busy",
        tells=CHOICE,
    ),
    EventKind(
        code="consent.unproven",
        label=_("Consent without proof"),
        category=Category.IDENTITY,
        sentence=_("A file claimed consent without proof; it counts for nothing"),
        icon="help",
        tells=CHOICE,
    ),
    EventKind(
        code="consent.restricted",
        label=_("Use of data stopped"),
        category=Category.IDENTITY,
        sentence=_("Data are kept and not used: %(reason)s"),
        in_words=_reason,
        icon="lock",
        tells=(KindField("reason", label=_("Reason"), choices=lambda: RestrictionReason.choices),),
    ),
    EventKind(
        code="consent.restriction_lifted",
        label=_("Use of data allowed again"),
        category=Category.IDENTITY,
        sentence=_("Data may be used again"),
        icon="lock_open",
    ),
    EventKind(
        code="consent.paused",
        label=_("Messages paused"),
        category=Category.CONTACT,
        sentence=_("Asked for no messages until %(until)s"),
        in_words=_until,
        icon="pause_circle",
        tells=(KindField("until", FieldType.MOMENT, label=_("Until")),),
    ),
    EventKind(
        code="consent.pause_ended",
        label=_("Pause ended"),
        category=Category.CONTACT,
        sentence=_("Ended the pause of messages"),
        icon="play_circle",
    ),
    EventKind(
        code="consent.frequency_chosen",
        label=_("Frequency chosen"),
        category=Category.CONTACT,
        sentence=_("Wants messages %(frequency)s"),
        in_words=_frequency,
        icon="speed",
        tells=(
            KindField("days", FieldType.NUMBER, label=_("Days between messages"), is_whole=True),
        ),
    ),
    EventKind(
        code="consent.topic_muted",
        label=_("Topic muted"),
        category=Category.CONTACT,
        sentence=_("Does not want to be reminded of: %(topic)s"),
        in_words=_topic,
        icon="notifications_off",
        tells=TOPIC,
    ),
    EventKind(
        code="consent.topic_wanted",
        label=_("Topic wanted again"),
        category=Category.CONTACT,
        sentence=_("May be reminded again of: %(topic)s"),
        in_words=_topic,
        icon="notifications_active",
        tells=TOPIC,
    ),
    EventKind(
        code="consent.asked",
        label=_("Request about their data"),
        category=Category.IDENTITY,
        sentence=_("Asked about their data: %(kind)s"),
        in_words=_asked,
        icon="contact_support",
        tells=(KindField("kind", label=_("Request"), choices=lambda: RequestKind.choices),),
    ),
]
