"""What every page of the back office shares: Unfold's classes with our defaults."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.paginator import InfinitePaginator


class ModelAdmin(UnfoldModelAdmin):
    """A list that costs the same for a hundred rows and ten million: nothing is counted."""

    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 25
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if add:
            # Whoever opens an empty form wants to type.
            first = next(iter(context["adminform"].form.fields.values()), None)
            if first:
                first.widget.attrs["autofocus"] = True
        return super().render_change_form(request, context, add, change, form_url, obj)


class ReadOnlyAdmin(ModelAdmin):
    """Rows that are written elsewhere and only read here, by whoever may view them."""

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
