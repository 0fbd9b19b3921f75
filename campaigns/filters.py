from django_filters import rest_framework as filters

from campaigns.models import Offer, Redemption
from common.filtering import Moment


class OfferFilter(filters.FilterSet):
    class Meta:
        model = Offer
        fields = ("is_active", "effect")


class RedemptionFilter(filters.FilterSet):
    order = filters.CharFilter(field_name="order_reference")
    customer = filters.CharFilter(field_name="customer__external_id")
    redeemed_after = Moment(field_name="redeemed_at", lookup_expr="gte")
    redeemed_before = Moment(field_name="redeemed_at", lookup_expr="lt")

    class Meta:
        model = Redemption
        fields = ("order", "customer", "offer", "state")
