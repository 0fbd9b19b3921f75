"""What the API reads and shows of people's wishes."""

from rest_framework import serializers

from common.fields import Moment
from consent.enums import TopicKind
from consent.rules.wishes import LONGEST_GAP


class TopicSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(TopicKind.choices)
    value = serializers.CharField(
        max_length=200, help_text="A product's sku, the path of a product category, an occasion."
    )

    def validate_kind(self, value: str) -> TopicKind:
        return TopicKind(value)


class WishesSerializer(serializers.Serializer):
    """How often, and about what not; left out means as often as there is something."""

    paused_until = Moment(allow_null=True, default=None)
    at_most_every_days = serializers.IntegerField(
        min_value=1, max_value=LONGEST_GAP, allow_null=True, default=None
    )
    muted = serializers.ListField(child=TopicSerializer(), default=list, max_length=500)
