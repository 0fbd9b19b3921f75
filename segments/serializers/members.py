"""Who is in a segment, and why, as programs read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from drf_spectacular.helpers import lazy_serializer
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.models import Customer
from segments.compiler import Change, Told
from segments.enums import Answer, Cause, Handpicked
from segments.models import Handpick, Membership


class MembershipSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.external_id", help_text="Customer number.")

    class Meta:
        model = Membership
        fields = ("customer", "entered_at", "cause")


class SegmentOfCustomerSerializer(serializers.ModelSerializer):
    """A segment that a customer is in."""

    segment: serializers.PrimaryKeyRelatedField = serializers.PrimaryKeyRelatedField(
        read_only=True
    )
    name = serializers.CharField(source="segment.name")

    class Meta:
        model = Membership
        fields = ("segment", "name", "entered_at", "cause")


class StaySerializer(serializers.ModelSerializer):
    class Meta:
        model = Membership
        fields = ("entered_at", "left_at", "cause")


class StandingSerializer(serializers.Serializer):
    """Whether a customer is in a segment, by the rule as it is asked now, and when they were.

    Whoever has just withdrawn is not, though their stay has not ended yet.
    """

    customer = serializers.CharField(help_text="Customer number.")
    is_member = serializers.BooleanField()
    entered_at = serializers.DateTimeField(allow_null=True)
    cause = serializers.ChoiceField(Cause.choices, allow_null=True)
    stays = StaySerializer(many=True, help_text="The latest first.")


def standing(
    customer: Customer, known: Sequence[Membership], stands: Sequence[Membership]
) -> dict[str, Any]:
    stay = stands[0] if stands else None
    return {
        "customer": customer.external_id,
        "is_member": stay is not None,
        "entered_at": stay and stay.entered_at,
        "cause": stay and stay.cause,
        "stays": known,
    }


class SeenSerializer(serializers.Serializer):
    """The value, or how many rows counted and when the last of them was."""

    value = serializers.JSONField(allow_null=True)
    count = serializers.IntegerField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)
    words = serializers.CharField(help_text="In the language of the request.")


class PartSerializer(serializers.Serializer):
    """One part of the rule; a group has ``parts``, a condition has what was ``seen``."""

    pointer = serializers.CharField(help_text="Its place in the rule (RFC 6901).")
    asked = serializers.CharField(help_text="In the language of the request.")
    answer = serializers.ChoiceField(Answer.choices)
    counts = serializers.BooleanField(
        allow_null=True, help_text="As what it counts; null for what may not be looked at."
    )
    seen = SeenSerializer(
        allow_null=True, help_text="Null for groups, and for what may not be seen."
    )
    since = serializers.DateTimeField(allow_null=True, help_text="Where its period begins.")
    until = serializers.DateTimeField(allow_null=True, help_text="Before when its period ends.")
    changes_at = serializers.DateTimeField(
        allow_null=True,
        help_text="The next instant at which time alone may change it, days that begin included; "
        "null where that is not within a year, or of what may not be seen.",
    )
    changes_daily = serializers.BooleanField(help_text="Asked again whenever a day begins.")
    parts = serializers.SerializerMethodField()

    @extend_schema_field(lazy_serializer("segments.serializers.members.PartSerializer")(many=True))
    def get_parts(self, part: dict[str, Any]) -> Any:
        return PartSerializer(part["parts"], many=True).data


class ChangeSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    counts = serializers.BooleanField(allow_null=True)


class ExplanationSerializer(serializers.Serializer):
    """Why a customer is in a segment, or is not."""

    customer = serializers.CharField(help_text="Customer number.")
    asked_at = serializers.DateTimeField()
    is_member = serializers.BooleanField()
    cause = serializers.ChoiceField(Cause.choices, allow_null=True)
    entered_at = serializers.DateTimeField(allow_null=True)
    by_hand = serializers.ChoiceField(
        Handpicked.choices, allow_null=True, help_text="What stands whatever the rule says."
    )
    sentence = serializers.CharField(help_text="In the language of the request.")
    rule = PartSerializer()
    next_change = ChangeSerializer(
        allow_null=True,
        help_text="When time alone makes the rule answer otherwise, if nothing else happens; null "
        "where it does not, as far ahead as can be told.",
    )


def explanation(
    told: Told,
    stands: dict[str, Any],
    *,
    pick: Handpick | None,
    sentence: str,
    change: Change | None,
    at: datetime,
) -> dict[str, Any]:
    return {
        **stands,
        "asked_at": at,
        "by_hand": pick and pick.word,
        "sentence": sentence,
        "rule": _part(told),
        "next_change": None if told.hides_a_day else change,
    }


def _part(told: Told) -> dict[str, Any]:
    explained = told.explained
    is_shown = not (told.parts or told.is_hidden or told.answer == Answer.REFUSED)
    seen = explained.seen
    facts = {"value": seen.value, "count": seen.count, "last": seen.last, "words": told.seen}
    return {
        "pointer": explained.node.pointer,
        "asked": told.asked,
        "answer": told.answer,
        "counts": explained.counts,
        "seen": facts if is_shown else None,
        "since": explained.since,
        "until": explained.until,
        # Of a birthday it would tell the day.
        "changes_at": None if told.is_hidden else explained.flips_at,
        "changes_daily": explained.changes_daily,
        "parts": [_part(part) for part in told.parts],
    }
