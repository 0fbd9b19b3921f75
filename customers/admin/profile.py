"""Customers: found in the list, read on their page, edited in a form."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    FieldTextFilter,
    RangeDateFilter,
    TextFilter,
)
from unfold.decorators import display

from common.admin import ModelAdmin, PeopleList
from common.operations import audit
from common.staff import signed_in
from common.templatetags.clientela import money
from customers.admin.catalogue import catalogue_page
from customers.admin.erasures import erase_page
from customers.admin.notes import note_page, tag_page
from customers.admin.taking import take_page
from customers.enums import ProfileTab
from customers.exports import CUSTOMERS
from customers.forms import customer_form, told_by
from customers.forms.attributes import ATTRIBUTE, field_name
from customers.models import Customer
from customers.operations.profile import change_customer, save_customer
from customers.queries.attributes import attributes
from customers.queries.history import PAGE, timeline
from customers.queries.pages import profile_actions, read_page
from customers.queries.profile import growth_of, habit_of, spend_by_month
from customers.queries.search import meant_or_alike
from customers.queries.timeline import kinds_in
from customers.rules import EventKind, Profile
from customers.rules.tags import normal_tag


class TagFilter(TextFilter):
    title = _("tag")
    parameter_name = "tag"

    def queryset(self, request: HttpRequest, customers: QuerySet[Customer]) -> QuerySet[Customer]:
        if value := self.value():
            # Said twice, since the index of the tagged is found by the first.
            return customers.exclude(tags=[]).filter(tags__contains=[normal_tag(value)])
        return customers


@admin.register(Customer)
class CustomerAdmin(PeopleList, ModelAdmin):
    operation_tells = True
    nothing_yet = _(
        "Import a file of customers, let the shop tell them through the API, or add one by hand."
    )
    export_table = CUSTOMERS
    list_display = ("show_name", "email", "show_phone", "city", "show_spend", "show_last_order")
    list_display_links = None
    sortable_beside = ("show_spend", "show_last_order")
    list_filter = (
        ("city", FieldTextFilter),
        TagFilter,
        ("stage", ChoicesDropdownFilter),
        ("registered_at", RangeDateFilter),
    )
    list_select_related = ("metrics",)
    search_fields = ("plain_name",)
    search_help_text = _("Name, e-mail, phone, CPF or customer number")
    adds_what_is_searched = True
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("first_name", "last_name"),
                    ("email", "phone"),
                    ("tax_id", "external_id"),
                )
            },
        ),
        (
            _("About the person"),
            {"fields": (("birth_date", "gender"), ("language", "stage"), "interests", "tags")},
        ),
        (
            _("Address"),
            {"fields": (("city", "state"), ("postal_code", "country"), "timezone")},
        ),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in what was looked for when nobody was found."""
        searched = QueryDict(request.GET.get("_changelist_filters", "")).get(SEARCH_VAR, "")
        return {**super().get_changeform_initial_data(request), **told_by(searched)}

    def get_form(
        self,
        request: HttpRequest,
        obj: Customer | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[ModelForm]:
        form = customer_form(attributes())
        return super().get_form(request, obj, change, form=form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Customer | None = None) -> Any:
        names = tuple(map(field_name, attributes()))
        of_the_shop = [(_("Attributes"), {"fields": names})] if names else []
        return [*super().get_fieldsets(request, obj), *of_the_shop]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).filter(erased_at=None, merged_into=None)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form, and write down who looked: everything stands in it too."""
        if customer := context["original"]:
            audit("customers.viewed", customer, at=now(), by=signed_in(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        return (meant_or_alike(queryset, search_term) if search_term else queryset), False

    @display(description=_("Customer"), ordering="plain_name")
    def show_name(self, customer: Customer) -> str:
        page = reverse("admin:customers_customer_profile", args=[customer.pk])
        return format_html('<a href="{}" class="font-semibold link">{}</a>', page, customer)

    @display(description=_("phone"), ordering="phone")
    def show_phone(self, customer: Customer) -> str:
        return customer.written_phone

    @display(description=_("Spend"), ordering="metrics__spend")
    def show_spend(self, customer: Customer) -> str:
        return money(customer.metrics.spend) if hasattr(customer, "metrics") else ""

    @display(description=_("Last order"), ordering="metrics__last_order_at")
    def show_last_order(self, customer: Customer) -> str:
        last = customer.metrics.last_order_at if hasattr(customer, "metrics") else None
        return date_format(localtime(last), "SHORT_DATE_FORMAT") if last else ""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A customer is erased, which keeps the ledgers whole, and never deleted.
        return False

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        at = now()
        fields = [name.replace(ATTRIBUTE, "attributes.", 1) for name in form.changed_data]
        if change:
            change_customer(obj, changed=fields, at=at)
        else:
            save_customer(obj, at=at)
        action = "customers.changed" if change else "customers.added"
        audit(action, obj, at=at, by=signed_in(request), fields=fields)

    def response_post_save_change(self, request: HttpRequest, obj: Customer) -> HttpResponse:
        return self._to_profile(obj)

    def response_post_save_add(self, request: HttpRequest, obj: Customer) -> HttpResponse:
        return self._to_profile(obj)

    def _to_profile(self, customer: Customer) -> HttpResponse:
        page = reverse("admin:customers_customer_profile", args=[customer.pk])
        return HttpResponse(status=302, headers={"Location": page})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("catalogue/", view(catalogue_page), name="customers_catalogue"),
            path(
                "<int:pk>/profile/",
                view(self.profile_page),
                name="customers_customer_profile",
            ),
            path(
                "<int:pk>/timeline/",
                view(self.timeline_page),
                name="customers_customer_timeline",
            ),
            path(
                "<int:pk>/looked-at/",
                view(self.looked_at),
                name="customers_customer_looked_at",
            ),
            path("<int:pk>/take/", view(take_page), name="customers_customer_take"),
            path("<int:pk>/note/", view(note_page), name="customers_customer_note"),
            path("<int:pk>/erase/", view(erase_page), name="customers_customer_erase"),
            path("<int:pk>/tag/", view(tag_page), name="customers_customer_tag"),
            *super().get_urls(),
        ]

    def profile_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one tab of the person's profile, and write down who looked."""
        user, at = signed_in(request), now()
        asked = request.GET.get("tab", "")
        tab = ProfileTab(asked) if asked in ProfileTab.values else ProfileTab.OVERVIEW
        page = read_page(self._readable(request, pk), tab=tab, user=user, at=at)
        if page is None:
            return self._elsewhere(pk)
        profile, customer = page.profile, page.profile.customer
        audit("customers.viewed", customer, at=at, by=user)
        actions = profile_actions(user)
        context = {
            **self.admin_site.each_context(request),
            "title": str(customer),
            "customer": customer,
            "opts": self.opts,
            "original": customer,
            "tabs": page.tabs,
            "tab": page.tab,
            "headlines": [
                (headline.label, headline.value(profile)) for headline in page.headlines
            ],
            "actions": [action for action in actions if not action.is_rare],
            "rare_actions": [action for action in actions if action.is_rare],
            "panels": [
                (panel, {**panel.context(profile), "customer": customer}) for panel in page.panels
            ],
        }
        if user.has_perm("customers.view_order"):
            context["habit"] = habit_of(customer, at=at)
        if page.tab == ProfileTab.OVERVIEW:
            context |= self._overview(request, profile)
        return TemplateResponse(request, "customers/profile.html", context)

    def _overview(self, request: HttpRequest, profile: Profile) -> dict[str, Any]:
        kinds = kinds_in(profile.rows)
        spend = {}
        if request.user.has_perm("customers.view_order"):
            spend = {
                "months": spend_by_month(profile.rows["months"], at=profile.at),
                "growth": growth_of(profile.customer),
            }
        return {
            **spend,
            "kinds": sorted(kinds.values(), key=lambda kind: str(kind.label)),
            **self._timeline(request, profile.customer, kinds),
        }

    def _elsewhere(self, pk: int) -> HttpResponse:
        """Lead from a record that was merged to the one that stayed."""
        merged = get_object_or_404(Customer, pk=pk, merged_into__isnull=False)
        return redirect("admin:customers_customer_profile", merged.merged_into_id)

    def timeline_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the next piece of the timeline, for the page that asks while scrolling."""
        customer = get_object_or_404(self._readable(request, pk))
        context = self._timeline(request, customer)
        return TemplateResponse(request, "customers/timeline.html", context)

    def looked_at(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lead to who saw or changed this customer."""
        if not request.user.has_perm("common.view_auditentry"):
            raise PermissionDenied
        about = urlencode({"subject_type": Customer._meta.label_lower, "subject_id": pk})
        return redirect(f"{reverse('admin:common_auditentry_changelist')}?{about}")

    def _readable(self, request: HttpRequest, pk: int) -> QuerySet[Customer]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return Customer.objects.present().filter(pk=pk)

    def _timeline(
        self,
        request: HttpRequest,
        customer: Customer,
        kinds: Mapping[str, EventKind] | None = None,
    ) -> dict[str, Any]:
        kind = request.GET.get("kind", "")
        entries = timeline(customer, kind=kind, before=request.GET.get("before", ""), kinds=kinds)
        return {
            "customer": customer,
            "entries": entries,
            "kind": kind,
            "older": entries[-1].cursor if len(entries) == PAGE else "",
            "is_first_page": "before" not in request.GET,
        }
