"""Segments as programs tell and read them."""

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from consent.models import Purpose
from segments.models import Segment
from segments.queries import Traits, sentence_of, traits

RULE = {
    "type": "object",
    # Of a list, which has none.
    "nullable": True,
    "description": "A group (all, any or none) of conditions and groups, as "
    "`/segments/rule-schema` describes it, over what `/segments/traits` lists.",
    "example": {
        "all": [
            {"trait": "customers.city", "operator": "is", "value": "Recife"},
            {"trait": "customers.last_order", "operator": "longer_ago", "value": 90},
        ]
    },
}


@extend_schema_field(RULE)
class RuleField(serializers.JSONField):
    """A rule in JSON; what is wrong in it is answered with a pointer to the place."""


class PurposeField(serializers.PrimaryKeyRelatedField):
    """A purpose by its code; what no code can be is not asked for."""

    def to_internal_value(self, data: Any) -> Purpose:
        if isinstance(data, str) and "\x00" in data:
            self.fail("does_not_exist", pk_value=data)
        return super().to_internal_value(data)


class SegmentSerializer(serializers.ModelSerializer):
    # Without the unique field's own check: the operation refuses a taken name, with its code.
    name = serializers.CharField(max_length=100)
    rule = RuleField(allow_null=True, help_text="Null makes a list, into which people are put.")
    sentence = serializers.SerializerMethodField(help_text="In the language of the request.")
    description = serializers.CharField(max_length=1000, allow_blank=True, default="")

    serializer_related_field = PurposeField

    class Meta:
        model = Segment
        fields = (
            "id",
            "name",
            "description",
            "purpose",
            "rule",
            "sentence",
            "member_count",
            "refreshed_at",
            "error",
            "failed_at",
            "retry_at",
            "created_at",
            "changed_at",
            "archived_at",
        )
        read_only_fields = (
            "id",
            "member_count",
            "refreshed_at",
            "error",
            "failed_at",
            "retry_at",
            "created_at",
            "changed_at",
            "archived_at",
        )

    @cached_property
    def known_traits(self) -> Traits:
        """Return the traits that are known, read once a list."""
        return traits()

    def get_sentence(self, segment: Segment) -> str:
        return sentence_of(segment, self.known_traits)


class KeepSerializer(serializers.Serializer):
    """What a list is called that keeps who is in a segment, or was at a moment."""

    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=1000, allow_blank=True, default="")
    as_of = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="A moment that is over; now."
    )
