"""Cases and answers to surveys."""

from rest_framework import serializers

from common.fields import Moment
from customers.enums import (
    ContactChannel,
)
from customers.models import (
    Case,
    SurveyAnswer,
)
from customers.serializers.people import customer_field


class CaseSerializer(serializers.ModelSerializer):
    reference = serializers.CharField(max_length=50, write_only=True)
    customer = customer_field()
    channel = serializers.ChoiceField(ContactChannel.choices)
    text = serializers.CharField(max_length=10_000, allow_blank=True, default="")

    class Meta:
        model = Case
        fields = ("reference", "customer", "channel", "subject", "text", "status", "opened_at")
        read_only_fields = ("status", "opened_at")


class SurveyAnswerSerializer(serializers.ModelSerializer):
    reference = serializers.CharField(max_length=100, write_only=True)
    customer = customer_field()
    survey = serializers.CharField(max_length=100, allow_blank=True, default="")
    score = serializers.IntegerField(min_value=0, max_value=10)
    comment = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    answered_at = Moment()

    class Meta:
        model = SurveyAnswer
        fields = ("reference", "customer", "survey", "score", "comment", "answered_at")
