"""The description of the API, for programs and for people."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Stricter than the admin: the page needs no eval, and its script is an address of its own.
docs = csp_replace({"script-src": [SELF]})(
    SpectacularSwaggerSplitView.as_view(url_name="api_schema")
)

schema_urlpatterns = [
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", docs, name="api_docs"),
]
