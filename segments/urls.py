from django.urls import path

from segments.api import asking, handpicks, members, segments

api_urlpatterns = [
    path("segments", segments.Segments.as_view(), name="segments"),
    path("segments/preview", asking.Preview.as_view(), name="segment_preview"),
    path("segments/rule-schema", asking.RuleSchema.as_view(), name="rule_schema"),
    path("segments/traits", asking.RuleTraits.as_view(), name="rule_traits"),
    path("segments/<int:pk>", segments.SegmentDetail.as_view(), name="segment"),
    path("segments/<int:pk>/refresh", segments.SegmentRefresh.as_view(), name="segment_refresh"),
    path("segments/<int:pk>/archive", segments.SegmentArchive.as_view(), name="segment_archive"),
    path("segments/<int:pk>/list", segments.SegmentList.as_view(), name="segment_list"),
    path("segments/<int:pk>/members", members.Members.as_view(), name="segment_members"),
    path(
        "segments/<int:pk>/members/<shop_name:external_id>",
        members.MemberDetail.as_view(),
        name="segment_member",
    ),
    path(
        "segments/<int:pk>/members/<shop_name:external_id>/decision",
        handpicks.Decision.as_view(),
        name="segment_decision",
    ),
    path(
        "segments/<int:pk>/members/<shop_name:external_id>/explanation",
        members.Explanation.as_view(),
        name="segment_explanation",
    ),
    path(
        "customers/<shop_name:external_id>/segments",
        members.SegmentsOfCustomer.as_view(),
        name="segments_of_customer",
    ),
]
