from django.urls import path

from loyalty import api

api_urlpatterns = [
    path("members/<shop_name:external_id>", api.MemberDetail.as_view(), name="member"),
]
