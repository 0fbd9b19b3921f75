"""Attributes: what the shop itself wants to know of its customers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from common.admin.base import ModelAdmin
from common.staff import signed_in
from common.templatetags.clientela import whole
from customers.forms import AttributeDefinitionForm
from customers.models import AttributeDefinition
from customers.operations.attributes import (
    bring_back_attribute,
    change_attribute,
    declare_attribute,
    retire_attribute,
)
from customers.queries.attributes import value_counts


@admin.register(AttributeDefinition)
class AttributeDefinitionAdmin(ModelAdmin):
    operation_tells = True
    form = AttributeDefinitionForm
    list_display = ("label", "code", "show_type", "category", "show_count", "show_state")
    list_filter = (("type", ChoicesDropdownFilter), ("category", ChoicesDropdownFilter))
    nothing_yet = _(
        "What your shop knows of its customers beside name and address stands here: a shoe "
        "size, a favourite store, the end of a contract. Declare an attribute, and it can be "
        "filled in, imported, shown on the customer's page and asked for in segments."
    )
    search_fields = ("label", "code")
    ordering = ("label",)
    conditional_fields = {"choices": "type == 'choice' || type == 'list'"}

    @display(description=_("type"), ordering="type")
    def show_type(self, definition: AttributeDefinition) -> str:
        if not definition.choices:
            return definition.get_type_display()
        return f"{definition.get_type_display()}: {', '.join(definition.choices)}"

    @display(description=_("customers with a value"))
    def show_count(self, definition: AttributeDefinition) -> str:
        return whole(definition.value_count)

    @display(
        description=_("state"), ordering="retired_at", label={"active": "success", "retired": ""}
    )
    def show_state(self, definition: AttributeDefinition) -> tuple[str, Any]:
        return ("retired", _("Retired")) if definition.retired_at else ("active", _("In use"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        counts = value_counts() if changelist.result_list else {}
        for definition in changelist.result_list:
            definition.value_count = counts.get(definition.code, 0)
        return changelist

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["label", "code", "type", "choices", "category", *(["retired"] if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Values stand under the code, and programs know it.
        return ["code"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Customers have values of it: it is retired, which hides them.
        return False

    def save_model(
        self, request: HttpRequest, obj: AttributeDefinition, form: Any, change: bool
    ) -> None:
        by, at = signed_in(request), now()
        if not change:
            declare_attribute(obj, by=by, at=at)
            return
        if set(form.changed_data) - {"retired"}:
            change_attribute(obj, by=by, at=at, fields=form.changed_data)
        turn = retire_attribute if form.cleaned_data["retired"] else bring_back_attribute
        turn(obj, by=by, at=at)
