"""What the API reads and shows of offers, vouchers and redemptions."""

from decimal import Decimal
from typing import Any

from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.enums import Finding, Refusal
from campaigns.models import Campaign, Offer, Redemption, RedemptionLine
from campaigns.queries.quotes import Quote
from campaigns.rules.pricing import CartLine, article_totals
from campaigns.rules.sentences import for_customer
from customers.serializers.orders import LARGEST_TOTAL
from customers.serializers.people import customer_field


class CartLineSerializer(serializers.Serializer):
    """A line of the cart; ``unit_price`` is before any discount of ours."""

    sku = serializers.CharField(max_length=64)
    quantity = serializers.DecimalField(12, 3, min_value=Decimal("0.001"))
    unit_price = serializers.DecimalField(14, 2, min_value=Decimal(0))

    def to_internal_value(self, data: Any) -> CartLine:
        return CartLine(**super().to_internal_value(data))


class QuoteRequest(serializers.Serializer):
    """A code as it was typed, and the cart; without a customer, only unbound vouchers hold."""

    code = serializers.CharField(max_length=64)
    customer = customer_field(required=False, allow_null=True, default=None)
    lines = serializers.ListField(child=CartLineSerializer(), allow_empty=False, max_length=1000)

    def validate_lines(self, lines: list[CartLine]) -> list[CartLine]:
        if sum(article_totals(lines).values()) >= LARGEST_TOTAL:
            raise serializers.ValidationError(_("No order is worth that much."))
        return lines


class RedemptionRequest(QuoteRequest):
    order = serializers.CharField(max_length=64, help_text="The shop's number of the order.")


class ArticleSerializer(serializers.ModelSerializer):
    """All lines of one article; the shop gives back ``total`` less ``discount`` on a return."""

    class Meta:
        model = RedemptionLine
        fields = ("sku", "total", "discount")


class QuoteSerializer(serializers.Serializer):
    """``code`` is empty or says why not; ``missing`` is how much more the cart needs.

    The amounts are there only when the code is accepted.
    """

    accepted = serializers.SerializerMethodField()
    code = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField(help_text="For the customer to read.")
    missing = serializers.DecimalField(
        14, 2, allow_null=True, source="told.failed.missing", default=None
    )
    offer = serializers.CharField(source="told.offer")
    total = serializers.DecimalField(14, 2, source="price.total", allow_null=True, default=None)
    discount = serializers.DecimalField(
        14, 2, source="price.discount", allow_null=True, default=None
    )
    articles = ArticleSerializer(many=True, source="price.articles", default=())

    def get_accepted(self, quote: Quote) -> bool:
        return quote.told.failed is None

    @extend_schema_field({"type": "string", "enum": ["", *Refusal.values]})
    def get_code(self, quote: Quote) -> str:
        return quote.told.failed.refusal.value if quote.told.failed else ""

    def get_message(self, quote: Quote) -> str:
        return for_customer(quote.told, zone=get_default_timezone())


class RedemptionSerializer(serializers.ModelSerializer):
    order = serializers.CharField(source="order_reference")
    customer = serializers.CharField(source="customer.external_id", default=None)
    offer = serializers.CharField()
    voucher = serializers.CharField(source="voucher.code_ending", help_text="How the code ends.")
    articles = ArticleSerializer(many=True, source="lines")

    class Meta:
        model = Redemption
        fields = (
            "id",
            "order",
            "customer",
            "offer",
            "voucher",
            "cart_total",
            "discount",
            "articles",
            "state",
            "redeemed_at",
            "rolled_back_at",
            "note",
        )


class OfferSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="__str__")
    sentence = serializers.CharField(help_text="In the language of the request.")

    class Meta:
        model = Offer
        fields = (
            "id",
            "name",
            "sentence",
            "effect",
            "percent",
            "amount",
            "cap",
            "minimum_order",
            "valid_days",
            "per_customer_limit",
            "total_limit",
            "is_active",
            "created_at",
        )


class CampaignSerializer(serializers.ModelSerializer):
    segment = serializers.CharField(source="segment.name")
    offer = serializers.CharField(source="offer.name", default=None)

    class Meta:
        model = Campaign
        fields = (
            "id",
            "name",
            "segment",
            "channel",
            "offer",
            "state",
            "scheduled_at",
            "launched_at",
            "finished_at",
            "control_share",
            "attribution_days",
        )


class IntervalSerializer(serializers.Serializer):
    """A difference, and between what it lies with 95 % confidence."""

    difference = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class ArmSerializer(serializers.Serializer):
    people = serializers.IntegerField()
    buyers = serializers.IntegerField()
    orders = serializers.IntegerField()
    revenue = serializers.DecimalField(14, 2)
    mean = serializers.FloatField()


class WaterfallSerializer(serializers.Serializer):
    """``audience`` = ``will_send`` + all of ``held``; ``will_send`` = all that follows it."""

    audience = serializers.IntegerField()
    held = serializers.DictField(child=serializers.IntegerField())
    will_send = serializers.IntegerField()
    skipped = serializers.DictField(child=serializers.IntegerField())
    waiting = serializers.IntegerField()
    failed = serializers.IntegerField()
    uncertain = serializers.IntegerField()
    sent = serializers.IntegerField()
    bounced = serializers.IntegerField(help_text="Of those sent: the mail service says so.")
    complained = serializers.IntegerField(help_text="Of those sent, called spam.")
    clicked = serializers.IntegerField()
    nameless_clicks = serializers.IntegerField()
    unsubscribed = serializers.IntegerField()
    redeemed = serializers.IntegerField()
    given_away = serializers.DecimalField(14, 2)


class ComparisonSerializer(serializers.Serializer):
    """``per_person`` is in money, ``conversion`` a difference of shares from 0 to 1."""

    finding = serializers.ChoiceField(Finding.choices)
    treated = ArmSerializer()
    control = ArmSerializer()
    per_person = IntervalSerializer(allow_null=True)
    conversion = IntervalSerializer(allow_null=True)
    until = serializers.DateTimeField()


class CampaignResultSerializer(serializers.Serializer):
    """``result`` is null before the launch."""

    waterfall = WaterfallSerializer()
    result = ComparisonSerializer(allow_null=True)
