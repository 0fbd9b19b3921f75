"""What the API reads and shows of sign-ups that must be confirmed, and of messages from phones."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.fields import Named
from consent.enums import Channel, Meaning
from consent.models import CollectionPoint, Purpose
from consent.queries.predicate import ADDRESS_OF
from consent.rules.opt_in import CONFIRMED
from customers.enums import Category
from customers.serializers.people import NormalEmail, NormalPhone, customer_field

CHANNELS = [(it.value, it.label) for it in Channel if it in CONFIRMED]
PHONES = [(it.value, it.label) for it in (Channel.SMS, Channel.WHATSAPP)]


class OptInSerializer(serializers.Serializer):
    """What somebody said yes to on a form of the shop's: a customer's address, or one by itself.

    ``network_address`` is whose request it was, for the limits; only its surroundings are kept.
    """

    default_error_messages = {
        "no_address": _("Name a customer who has such an address, or the address itself."),
        "two_addresses": _("Name a customer or an address, not both."),
    }

    channel = serializers.ChoiceField(CHANNELS, default=Channel.EMAIL)
    customer = customer_field(required=False)
    email = NormalEmail(required=False)
    phone = NormalPhone(required=False, max_length=32)
    purpose = Named(Purpose.objects.all(), by="code", max_length=32)
    categories = serializers.ListField(
        child=serializers.ChoiceField(Category.choices), default=list, max_length=len(Category)
    )
    collection_point = Named(CollectionPoint.objects.all(), by="code", max_length=32)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
    network_address = serializers.IPAddressField(required=False)
    user_agent = serializers.CharField(required=False, max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        field = ADDRESS_OF[Channel(attrs["channel"])]
        customer, told = attrs.get("customer"), attrs.get(field, "")
        if customer and told:
            raise serializers.ValidationError({field: self.error_messages["two_addresses"]})
        address = getattr(customer, field) if customer else told
        if not address:
            raise serializers.ValidationError({field: self.error_messages["no_address"]})
        return {**attrs, "address": address}


class AskedSerializer(serializers.Serializer):
    """The same for every address. ``confirm_at`` is where a code is typed in; '' for e-mail."""

    channel = serializers.ChoiceField(CHANNELS)
    confirm_at = serializers.CharField()


class InboundSerializer(serializers.Serializer):
    """A message from a phone, as a provider passes it on."""

    channel = serializers.ChoiceField(PHONES)
    sender = NormalPhone(max_length=32)
    text = serializers.CharField(max_length=4096, allow_blank=True, trim_whitespace=False)
    reference = serializers.CharField(max_length=100)


class HeardSerializer(serializers.Serializer):
    """What the message means, and what to answer: once, without advertising; '' for nothing."""

    meaning = serializers.ChoiceField(Meaning.choices)
    reply = serializers.CharField()
