from typing import Any

from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError

PAGING = {"cursor", "page_size"}


class KnownFilters(DjangoFilterBackend):
    """Filters that refuse a name they do not know: a typing error must not list everybody."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        filterset_class = self.get_filterset_class(view, queryset)
        known = set(filterset_class.base_filters) if filterset_class else set()
        unknown = sorted(set(request.query_params) - known - PAGING)
        if unknown:
            raise ValidationError({name: [_("There is no such filter.")] for name in unknown})
        return super().filter_queryset(request, queryset, view)
