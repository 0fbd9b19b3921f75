"""What every page of the back office shares: Unfold's classes with our defaults."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.db.models import Model
from django.http import HttpRequest
from unfold.paginator import InfinitePaginator

from common.models import User

if TYPE_CHECKING:
    # Unfold carries no types; its classes keep the promises of Django's.
    from django.contrib.admin import ModelAdmin as UnfoldModelAdmin
    from django.contrib.admin import StackedInline, TabularInline

    Method = TypeVar("Method", bound=Callable[..., Any])

    def action(**options: Any) -> Callable[[Method], Method]: ...
    def display(**options: Any) -> Callable[[Method], Method]: ...

else:
    from unfold.admin import ModelAdmin as UnfoldModelAdmin
    from unfold.admin import StackedInline, TabularInline
    from unfold.decorators import action, display

__all__ = [
    "ModelAdmin",
    "ReadOnlyAdmin",
    "StackedInline",
    "TabularInline",
    "action",
    "display",
    "staff",
]


class ModelAdmin(UnfoldModelAdmin):
    """A list that costs the same for a hundred rows and ten million: nothing is counted."""

    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 25
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    empty_value_display = "–"


class ReadOnlyAdmin(ModelAdmin):
    """Rows that are written elsewhere and only read here, by whoever may view them."""

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def staff(request: HttpRequest) -> User:
    """Return who is signed in; the admin lets nobody else in."""
    return cast(User, request.user)
