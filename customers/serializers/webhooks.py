"""Webhooks and their deliveries."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.enums import PostOutcome
from common.fields import Moment
from customers.enums import (
    DisabledReason,
)
from customers.models import (
    WebhookDelivery,
    WebhookSubscription,
)


class WebhookSerializer(serializers.ModelSerializer):
    """Who is told what; a switched-off webhook says in ``disabled_reason`` if we did it."""

    kinds = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=200,
        required=False,
        help_text="Codes such as customers.order_placed; not needed with all_kinds.",
    )
    disabled_reason = serializers.ChoiceField(
        DisabledReason.choices, allow_blank=True, read_only=True
    )

    class Meta:
        model = WebhookSubscription
        fields: tuple[str, ...] = (
            "id",
            "name",
            "url",
            "all_kinds",
            "kinds",
            "content",
            "is_active",
            "disabled_reason",
            "last_success_at",
            "failing_since",
            "created_at",
        )
        read_only_fields = ("id", "last_success_at", "failing_since", "created_at")


class NewWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(
        read_only=True, help_text="What we sign with. It is told once, here."
    )

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")


class DeliverySerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="webhook_id", read_only=True, help_text="The webhook-id.")
    last_outcome = serializers.ChoiceField(PostOutcome.choices, allow_blank=True, read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "kind",
            "state",
            "tries",
            "created_at",
            "next_try_at",
            "delivered_at",
            "last_outcome",
            "last_status",
            "last_seconds",
        )
        read_only_fields = fields


class ReplaySerializer(serializers.Serializer):
    """What to send again: these deliveries, or all that failed since a moment."""

    deliveries = serializers.ListField(
        child=serializers.RegexField(r"^msg_[0-9a-f]{32}\Z"),
        max_length=500,
        min_length=1,
        required=False,
    )
    since = Moment(required=False)

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        if len(told) != 1:
            raise serializers.ValidationError(_("Name either the deliveries or a moment."))
        return told


class ReplayedSerializer(serializers.Serializer):
    count = serializers.IntegerField(help_text="How many are sent again.")
