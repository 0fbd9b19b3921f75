"""The programme and its tiers, members, and what moved their points."""

from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateFilter,
    RangeNumericFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from common.admin import ModelAdmin, PeopleList, ReadOnlyAdmin
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from common.templatetags.clientela import whole
from customers.admin.about import profile_link
from customers.enums import ProfileTab
from customers.models import Customer
from customers.queries.pages import profile_url
from customers.queries.search import matching
from loyalty.exports import MEMBERS, TRANSACTIONS
from loyalty.forms import AdjustmentForm, TierFormSet
from loyalty.models import Member, Programme, Tier, Transaction
from loyalty.operations.members import enrol
from loyalty.operations.points import adjust
from loyalty.queries import the_programme


class TierInline(TabularInline):
    model = Tier
    formset = TierFormSet
    fields = ("rank", "name", "minimum_spend")
    extra = 0
    hide_title = True


@admin.register(Programme)
class ProgrammeAdmin(ModelAdmin):
    operation_tells = True
    list_display = ("name", "show_rate", "expiry_months", "tier_window_months")
    fields = ("name", "points_per_unit", ("expiry_months", "tier_window_months"))
    inlines = (TierInline,)

    @display(description=_("points per unit of money"))
    def show_rate(self, programme: Programme) -> str:
        return number_format(programme.points_per_unit.normalize())

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A shop has one programme, from the first day.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Programme, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit(
            "loyalty.programme_changed",
            obj,
            at=now(),
            by=signed_in(request),
            fields=form.changed_data,
        )


@admin.register(Member)
class MemberAdmin(PeopleList, ReadOnlyAdmin):
    nothing_yet = _("A customer joins with the first order.")
    export_table = MEMBERS
    list_display = ("show_customer", "tier", "show_points", "tier_until", "joined_at")
    list_display_links = ("joined_at",)
    list_select_related = ("customer", "tier", "account")
    list_filter = (
        ("tier", RelatedDropdownFilter),
        ("account__balance", RangeNumericFilter),
        ("joined_at", RangeDateFilter),
    )
    search_fields = ("customer__plain_name",)
    search_help_text = _("Name, e-mail, phone or customer number")
    ordering = ("-id",)
    fields = (
        ("show_customer", "joined_at"),
        ("tier", "show_points"),
        ("tier_since", "tier_until"),
    )
    change_form_outer_before_template = "loyalty/member_acts.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        return (
            super()
            .get_queryset(request)
            .filter(customer__erased_at=None, customer__merged_into=None)
        )

    def get_search_results(
        self, request: HttpRequest, members: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        if not search_term:
            return members, False
        found = matching(Customer.objects.present(), search_term)
        return members.filter(customer__in=found.values("pk")), False

    @display(description=_("Customer"), ordering="customer__plain_name")
    def show_customer(self, member: Member) -> str:
        return profile_link(member.customer)

    @display(description=_("Points"), ordering="account__balance")
    def show_points(self, member: Member) -> str:
        return whole(member.account.balance)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.adjust_page)
        return [path("adjust/<int:pk>/", view, name="loyalty_member_adjust"), *super().get_urls()]

    def adjust_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a customer points or take some, by hand; takes the customer's id."""
        if not request.user.has_perm("loyalty.adjust_points"):
            raise PermissionDenied
        customer = get_object_or_404(Customer.objects.present(), pk=pk)
        form = AdjustmentForm(request.POST or None)
        if form.is_valid() and self._adjust(request, customer, form):
            messages.success(request, _("The points are adjusted."))
            return redirect(profile_url(pk, ProfileTab.REWARDS))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Adjust points"),
            "customer": customer,
            "form": form,
            # The form's own reference makes a double click move points once.
            "reference": request.POST.get("reference") or uuid4().hex,
            "submit": _("Adjust the points"),
        }
        return TemplateResponse(request, "customers/form.html", context)

    def _adjust(self, request: HttpRequest, customer: Customer, form: AdjustmentForm) -> bool:
        at = now()
        enrol(the_programme(), customers=[customer.pk], at=at)
        try:
            adjust(
                Member.objects.get(customer=customer),
                **form.cleaned_data,
                reference=f"staff:{request.POST.get('reference') or uuid4().hex}"[:128],
                at=at,
                by=signed_in(request),
            )
        except DomainError as refused:
            form.add_error(refused.field or None, refused.message)
            return False
        return True


@admin.register(Transaction)
class TransactionAdmin(PeopleList, ReadOnlyAdmin):
    nothing_yet = _(
        "Orders earn points, expiry and hand corrections move them; each movement stands here."
    )
    export_table = TRANSACTIONS
    list_display = ("occurred_at", "show_customer", "show_kind", "show_points", "note")
    list_select_related = ("member__customer",)
    list_filter = (("kind", ChoicesDropdownFilter), ("occurred_at", RangeDateFilter))
    search_fields = ("reference__exact",)
    search_help_text = _("Reference, such as order:1234:earned")
    ordering = ("-id",)
    fields = (
        ("show_customer", "show_kind", "show_points"),
        ("occurred_at", "recorded_at"),
        ("reference", "note"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transaction]:
        return super().get_queryset(request).with_points()

    @display(description=_("Customer"))
    def show_customer(self, transaction: Transaction) -> str:
        return profile_link(transaction.member.customer)

    @display(
        description=_("What"),
        label={"earned": "success", "spent": "info", "expired": "warning", "reversed": "danger"},
    )
    def show_kind(self, transaction: Transaction) -> tuple[str, str]:
        return transaction.kind, transaction.get_kind_display()

    @display(description=_("Points"))
    def show_points(self, transaction: Transaction) -> str:
        return whole(transaction.points)
