"""What the API reads and shows of segments."""

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from consent.models import Purpose
from segments.models import Membership, Segment
from segments.queries import Traits, sentence_of, traits

RULE = {
    "type": "object",
    "description": "A group (all, any or none) of conditions and groups.",
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


class RuleSerializer(serializers.Serializer):
    """A rule and the purpose through whose permissions it reads."""

    rule = RuleField()
    purpose = serializers.PrimaryKeyRelatedField(
        queryset=Purpose.objects.all(), default=lambda: Purpose.objects.get(pk="marketing")
    )


class PreviewSerializer(serializers.Serializer):
    """``held_back`` fit as well, but have not allowed it; fewer than 10 are told as 10."""

    total = serializers.IntegerField()
    held_back_at_most = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="By pointer.")
    sentence = serializers.CharField(help_text="In the language of the request.")
    sample = serializers.ListField(child=serializers.CharField(), help_text="Customer numbers.")


class SegmentSerializer(serializers.ModelSerializer):
    # Without the unique field's own check: the operation refuses a taken name, with its code.
    name = serializers.CharField(max_length=100)
    rule = RuleField()
    sentence = serializers.SerializerMethodField(help_text="In the language of the request.")
    description = serializers.CharField(max_length=1000, allow_blank=True, default="")

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
            "created_at",
            "changed_at",
        )
        read_only_fields = (
            "id",
            "member_count",
            "refreshed_at",
            "error",
            "created_at",
            "changed_at",
        )

    @cached_property
    def known_traits(self) -> Traits:
        """Return the traits that are known, read once a list."""
        return traits()

    def get_sentence(self, segment: Segment) -> str:
        return sentence_of(segment, self.known_traits)


class MembershipSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.external_id", help_text="Customer number.")

    class Meta:
        model = Membership
        fields = ("customer", "entered_at", "cause")
