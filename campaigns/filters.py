from django_filters import rest_framework as filters

from campaigns.models import Campaign, Offer, Redemption
from common.filtering import Moment, Ordering


class OfferFilter(filters.FilterSet):
    created_after = Moment(field_name="created_at", lookup_expr="gte")
    created_before = Moment(field_name="created_at", lookup_expr="lt")
    ordering = Ordering("id", "name", "created_at")

    class Meta:
        model = Offer
        fields = ("is_active", "effect")


class RedemptionFilter(filters.FilterSet):
    order = filters.CharFilter(field_name="order_reference")
    customer = filters.CharFilter(field_name="customer__external_id")
    redeemed_after = Moment(field_name="redeemed_at", lookup_expr="gte")
    redeemed_before = Moment(field_name="redeemed_at", lookup_expr="lt")
    ordering = Ordering("redeemed_at", "id", usual="-redeemed_at")

    class Meta:
        model = Redemption
        fields = ("order", "customer", "offer", "state")


class CampaignFilter(filters.FilterSet):
    scheduled_after = Moment(field_name="scheduled_at", lookup_expr="gte")
    scheduled_before = Moment(field_name="scheduled_at", lookup_expr="lt")
    launched_after = Moment(field_name="launched_at", lookup_expr="gte")
    launched_before = Moment(field_name="launched_at", lookup_expr="lt")
    # Campaigns are few, as all that staff make: any order of them is quick.
    ordering = Ordering("id", "name", "scheduled_at", "launched_at", "finished_at")

    class Meta:
        model = Campaign
        fields = ("name", "state", "channel", "segment", "offer")
