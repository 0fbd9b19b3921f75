from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from rest_framework import serializers

from common.fields import Moment, Named
from consent.enums import Channel, RestrictionReason, SuppressionReason
from consent.models import Purpose, Restriction, Suppression
from consent.rules.suppressions import TOLD_BY_PROGRAMS
from customers.rules import normal_email, normal_phone

BLOCKABLE = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)


class AddressSerializer(serializers.Serializer):
    """An e-mail address, or a phone number with or without its country."""

    channel = serializers.ChoiceField([(channel.value, channel.label) for channel in BLOCKABLE])
    address = serializers.CharField(max_length=254)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        channel = Channel(attrs["channel"])
        address = _normal(attrs["address"], channel)
        if not address:
            raise serializers.ValidationError(
                {"address": _("This is no address for %(channel)s.") % {"channel": channel.label}}
            )
        return {**attrs, "channel": channel, "address": address}


def _normal(address: str, channel: Channel) -> str | None:
    if channel != Channel.EMAIL:
        return normal_phone(address, country=settings.SHOP_COUNTRY)
    try:
        validate_email(address)
    except ValidationError:
        return None
    return normal_email(address)


class SuppressionSerializer(AddressSerializer):
    """An address to block; without a ``purpose`` for everything."""

    reason = serializers.ChoiceField([(reason.value, reason.label) for reason in TOLD_BY_PROGRAMS])
    purpose = Named(
        Purpose.objects.all(),
        by="code",
        max_length=32,
        required=False,
        allow_null=True,
        default=None,
    )

    def validate_reason(self, reason: str) -> SuppressionReason:
        return SuppressionReason(reason)


class BlockSerializer(serializers.ModelSerializer):
    class Meta:
        model = Suppression
        fields = ("reason", "purpose", "source", "created_at")
        read_only_fields = fields


class BlockedSerializer(serializers.Serializer):
    """Whether an address is blocked for anything, and each reason."""

    blocked = serializers.BooleanField()
    blocks = BlockSerializer(many=True)


class RestrictionSerializer(serializers.ModelSerializer):
    reason = serializers.ChoiceField(RestrictionReason.choices)
    until = Moment(required=False, allow_null=True)

    class Meta:
        model = Restriction
        fields = ("reason", "since", "until")
        read_only_fields = ("since",)

    def validate_reason(self, reason: str) -> RestrictionReason:
        return RestrictionReason(reason)
