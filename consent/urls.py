from django.urls import path

from consent import api

api_urlpatterns = [
    path("consents", api.Choices.as_view(), name="consents"),
    path(
        "customers/<shop_name:external_id>/permissions",
        api.Permissions.as_view(),
        name="permissions",
    ),
]
