"""What every page of the back office shares: Unfold's classes with our defaults."""

from typing import Any

from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.postgres.indexes import PostgresIndex
from django.db.models import Model, QuerySet, UniqueConstraint
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.timezone import now
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.paginator import InfinitePaginator

from common.admin.exporting import Exportable
from common.models import FIELD_LENGTH
from common.operations import audit
from common.staff import signed_in


class ModelAdmin(Exportable):
    """A list that costs the same for a hundred rows and ten million: nothing is counted."""

    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 25
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    # What an empty list is for, and how to begin.
    nothing_yet: str | Promise = ""
    # The operation behind the form writes down who did it; elsewhere the form does.
    operation_tells = False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not self.operation_tells:
            # A list of rows that hang on the record is named as the form names it.
            rows = {formset.prefix for formset in formsets if formset.has_changed()}
            fields = {name[:FIELD_LENGTH] for name in rows.union(form.changed_data)}
            action = "changed" if change else "added"
            audit(action, form.instance, at=now(), by=signed_in(request), fields=fields)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        # Before, while it still has a number.
        audit("removed", obj, at=now(), by=signed_in(request))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        at, by = now(), signed_in(request)
        for obj in queryset:
            audit("removed", obj, at=at, by=by)
        super().delete_queryset(request, queryset)

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


# Of a list's address: how it is shown, not what is searched.
NO_FILTERS = frozenset({"o", "p", "e", "all", "_popup", "_changelist_filters"})
SEARCH_FIELD = "search"


class LongList(UnfoldModelAdmin):
    """A list that can have millions of rows: sorted only by what an index keeps in order."""

    # Columns of a table beside it, by which it is sorted all the same: it takes a second or two.
    sortable_beside: tuple[str, ...] = ()

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        kept = kept_in_order(self.model)
        return [
            column
            for column in self.get_list_display(request)
            if column in self.sortable_beside or self._order_of(column) in kept
        ]

    def _order_of(self, column: Any) -> str:
        """Return the field that the column is sorted by, or '' for none."""
        shown = column if callable(column) else getattr(self, column, None)
        by = getattr(shown, "admin_order_field", "") if shown else column
        return str(by or "").removeprefix("-")


def kept_in_order(model: type[Model]) -> set[str]:
    """Return the fields that the database can return all rows in the order of."""
    # Django keeps ``db_index`` on every field; its types do not say so.
    fields: tuple[Any, ...] = model._meta.concrete_fields
    return {
        *(field.name for field in fields if field.primary_key or field.unique or field.db_index),
        *(
            index.fields[0].removeprefix("-")
            for index in model._meta.indexes
            if index.fields and index.condition is None and not isinstance(index, PostgresIndex)
        ),
        *(
            constraint.fields[0]
            for constraint in model._meta.constraints
            if isinstance(constraint, UniqueConstraint) and constraint.fields
        ),
    }


class PeopleList(LongList):
    """A list that names people: whoever opens or searches it is written down, as for one of them.

    The entry holds how many were shown and by which fields they were narrowed, not to what.
    """

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if listed := (getattr(response, "context_data", None) or {}).get("cl"):
            audit(
                "customers.listed",
                listed.model,
                at=now(),
                by=signed_in(request),
                fields=_narrowed_by(request),
                count=len(listed.result_list),
            )
        return response


def _narrowed_by(request: HttpRequest) -> set[str]:
    given = {name for name, value in request.GET.items() if value} - NO_FILTERS
    return {SEARCH_FIELD if name == SEARCH_VAR else name[:FIELD_LENGTH] for name in given}


class ReadOnlyAdmin(ModelAdmin):
    """Rows that are written elsewhere and only read here, by whoever may view them."""

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
