from django.db.models import QuerySet
from django_filters import rest_framework as filters

from common.filtering import Moment, Ordering
from segments.models import Membership, Segment


class SegmentFilter(filters.FilterSet):
    changed_after = Moment(field_name="changed_at", lookup_expr="gte")
    changed_before = Moment(field_name="changed_at", lookup_expr="lt")
    ordering = Ordering("id", "name", "member_count", "refreshed_at", "created_at", "changed_at")

    class Meta:
        model = Segment
        fields = ("name", "purpose")


class MemberFilter(filters.FilterSet):
    customer = filters.CharFilter(field_name="customer__external_id")
    # Read by the view, which asks for other rows then.
    at = Moment(method="leave", label="Who was in it at this moment.")
    entered_after = Moment(field_name="entered_at", lookup_expr="gte")
    entered_before = Moment(field_name="entered_at", lookup_expr="lt")
    # As the index of those who stand in a segment has them: by when the customer became known.
    ordering = Ordering(usual="-customer_id", customer="customer_id")

    class Meta:
        model = Membership
        fields = ("customer", "cause")

    def leave(self, stays: QuerySet[Membership], name: str, moment: object) -> QuerySet:
        return stays
