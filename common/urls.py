"""The description of the API, for programs and for people."""

from collections.abc import Iterable

from csp.constants import NONE, SELF
from csp.decorators import csp, csp_replace
from django.urls import URLPattern, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Stricter than the admin: the page needs no eval, and its script is an address of its own.
docs = csp_replace({"script-src": [SELF]})(
    SpectacularSwaggerSplitView.as_view(url_name="api_schema")
)

# What customers open: our own styles and pictures, and no script at all, whoever wrote it.
NO_SCRIPTS = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}


def strict(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Return the patterns with views whose answers run no script and show nothing from outside."""
    return [
        URLPattern(each.pattern, csp(NO_SCRIPTS)(each.callback), each.default_args, each.name)
        for each in patterns
    ]


schema_urlpatterns = [
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", docs, name="api_docs"),
]
