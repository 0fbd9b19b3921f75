from django.urls import path

from consent import api
from consent.api import notices, opt_ins, suppressions
from consent.api.subject_requests import SubjectRequests
from consent.api.wishes import CustomerWishes
from consent.views import centre, packages
from consent.views import opt_ins as pages

api_urlpatterns = [
    path("purposes", notices.Purposes.as_view(), name="purposes"),
    path("notices", notices.Notices.as_view(), name="notices"),
    path("consents", api.Choices.as_view(), name="consents"),
    path(
        "customers/<shop_name:external_id>/permissions",
        api.Permissions.as_view(),
        name="permissions",
    ),
    path(
        "customers/<shop_name:external_id>/wishes",
        CustomerWishes.as_view(),
        name="wishes",
    ),
    path("subject-requests", SubjectRequests.as_view(), name="subject_requests"),
    path("opt-ins", opt_ins.OptIns.as_view(), name="opt-ins"),
    path("inbound-messages", opt_ins.InboundMessages.as_view(), name="inbound-messages"),
    path("suppressions", suppressions.Suppressions.as_view(), name="suppressions"),
    path("suppressions/check", suppressions.SuppressionCheck.as_view(), name="suppression-check"),
    path(
        "customers/<shop_name:external_id>/restrictions",
        suppressions.Restrictions.as_view(),
        name="restrictions",
    ),
]

# Without a slash at the end: an address in a message may answer with no redirect.
public_urlpatterns = [
    path("join", pages.join, name="join"),
    path("o/<str:token>", pages.opt_in, name="opt_in"),
    path("d/<str:token>", packages.package, name="package"),
    path("p/<str:token>", centre.preferences, name="preferences"),
    path("p/<str:token>/data", centre.held_data, name="preferences_data"),
    path("p/<str:token>/receipt/<int:number>", centre.receipt, name="preferences_receipt"),
]
