"""What the API reads and shows of decisions by hand."""

from rest_framework import serializers

from segments.enums import Handpicked
from segments.models import Handpick
from segments.operations.handpicking import LONGEST_REASON


class DecisionSerializer(serializers.Serializer):
    """What is decided about the customer, and why."""

    word = serializers.ChoiceField(Handpicked.choices)
    reason = serializers.CharField(max_length=LONGEST_REASON)


class HandpickSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.external_id", help_text="Customer number.")

    class Meta:
        model = Handpick
        fields = ("customer", "word", "reason", "decided_at")
        read_only_fields = fields
