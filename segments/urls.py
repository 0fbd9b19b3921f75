from django.urls import path

from segments import api

api_urlpatterns = [
    path("segments", api.Segments.as_view(), name="segments"),
    path("segments/preview", api.Preview.as_view(), name="segment_preview"),
    path("segments/<int:pk>/members", api.Members.as_view(), name="segment_members"),
]
