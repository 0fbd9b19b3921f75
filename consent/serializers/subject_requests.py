"""What the API reads and shows of people's requests about their data."""

from rest_framework import serializers

from common.fields import Moment
from consent.enums import RequestKind, RequestStage
from consent.models import SubjectRequest
from customers.serializers.people import customer_field


class AskSerializer(serializers.Serializer):
    """What a person asks; ``proposed`` are the right values, by field, of a correction.

    ``identity_is_known`` says that they were signed in: else the clock waits until staff know who
    asks. ``reference`` is the program's own name for the request: sent again, it changes nothing.
    """

    customer = customer_field()
    kind = serializers.ChoiceField(RequestKind.choices)
    words = serializers.CharField(max_length=2000, allow_blank=True, default="")
    proposed = serializers.DictField(child=serializers.CharField(max_length=200), default=dict)
    identity_is_known = serializers.BooleanField(default=False)
    reference = serializers.CharField(max_length=100)

    def validate_kind(self, value: str) -> RequestKind:
        return RequestKind(value)


class SubjectRequestSerializer(serializers.ModelSerializer):
    kind = serializers.ChoiceField(RequestKind.choices, read_only=True)
    stage = serializers.ChoiceField(RequestStage.choices, read_only=True)
    received_at = Moment(read_only=True)
    due_at = Moment(read_only=True, help_text="Until the identity is known, it moves on.")

    class Meta:
        model = SubjectRequest
        fields = ("kind", "stage", "received_at", "due_at")
