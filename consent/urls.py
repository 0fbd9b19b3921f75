from django.urls import path

from consent import api
from consent.views import centre

api_urlpatterns = [
    path("consents", api.Choices.as_view(), name="consents"),
    path(
        "customers/<shop_name:external_id>/permissions",
        api.Permissions.as_view(),
        name="permissions",
    ),
]

# Without a slash at the end, as all addresses in messages.
public_urlpatterns = [
    path("p/<str:token>", centre.preferences, name="preferences"),
    path("p/<str:token>/receipt/<int:number>", centre.receipt, name="preferences_receipt"),
]
