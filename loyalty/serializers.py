"""What the API shows of a member."""

from rest_framework import serializers

from loyalty.models import Lot


class TierSerializer(serializers.Serializer):
    name = serializers.CharField()
    minimum_spend = serializers.DecimalField(14, 2)


class LotSerializer(serializers.ModelSerializer):
    points = serializers.IntegerField(source="remaining", help_text="What is left of the lot.")

    class Meta:
        model = Lot
        fields = ("points", "expires_at")


class MemberSerializer(serializers.Serializer):
    """A ``Summary``: points and tier. ``spend`` is that of the months that decide the tier."""

    external_id = serializers.CharField(source="member.customer.external_id")
    programme = serializers.CharField(source="member.programme.name")
    joined_at = serializers.DateTimeField(source="member.joined_at")
    balance = serializers.IntegerField()
    spend = serializers.DecimalField(14, 2)
    tier = TierSerializer(source="member.tier", allow_null=True)
    tier_until = serializers.DateTimeField(
        source="member.tier_until",
        allow_null=True,
        help_text="Until then nothing lowers the tier.",
    )
    next_tier = TierSerializer(allow_null=True)
    missing = serializers.DecimalField(
        14, 2, help_text="The spend that lacks for the next tier; zero at the top."
    )
    lots = LotSerializer(source="expiring", many=True, help_text="Those that expire next.")
