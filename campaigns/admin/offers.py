"""Offers: what vouchers promise, said in one sentence while it is typed."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.enums import Effect
from campaigns.exports import OFFERS
from campaigns.forms.offers import OfferForm
from campaigns.models import Offer
from campaigns.operations.offers import save_offer
from common.admin import ModelAdmin
from common.staff import signed_in


@admin.register(Offer)
class OfferAdmin(ModelAdmin):
    nothing_yet = _(
        "An offer says what customers get: a percentage or an amount off, from when to when, "
        "how often. Campaigns carry it."
    )
    export_table = OFFERS
    form = OfferForm
    list_display = ("name", "show_sentence", "show_state", "created_at")
    list_filter = ("is_active", "effect")
    search_fields = ("name",)
    ordering = ("-created_at",)
    readonly_fields = ("show_live_sentence",)
    fieldsets = (
        (None, {"fields": ("show_live_sentence", "name", "effect")}),
        (_("How much"), {"fields": (("percent", "cap"), "amount")}),
        (_("When"), {"fields": (("minimum_order", "valid_days"),)}),
        (_("How often"), {"fields": (("per_customer_limit", "total_limit"), "is_active")}),
    )
    radio_fields = {"effect": admin.HORIZONTAL}
    conditional_fields = {
        "percent": f"effect == '{Effect.PERCENT}'",
        "cap": f"effect == '{Effect.PERCENT}'",
        "amount": f"effect == '{Effect.AMOUNT}'",
    }

    @display(description=_("Offer"))
    def show_sentence(self, offer: Offer) -> str:
        return offer.sentence

    @display(description=_("In a sentence"))
    def show_live_sentence(self, offer: Offer) -> str:
        sentence = offer.sentence if offer.percent or offer.amount else "…"
        return format_html('<output id="offer-sentence">{}</output>', sentence)

    @display(description=_("State"), label={"active": "success", "paused": "warning"})
    def show_state(self, offer: Offer) -> tuple[str, Any]:
        return ("active", _("Active")) if offer.is_active else ("paused", _("Paused"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        # What an apology is worth is decided one by one; the offer behind it is not for editing.
        return super().get_queryset(request).filter(is_apology=False)

    def save_model(self, request: HttpRequest, obj: Offer, form: Any, change: bool) -> None:
        obj.created_by = obj.created_by or signed_in(request)
        save_offer(obj, at=now())

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Vouchers keep their promise on record: an offer is paused.
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.sentence)
        return [path("sentence/", view, name="campaigns_offer_sentence"), *super().get_urls()]

    def sentence(self, request: HttpRequest) -> HttpResponse:
        """Say what is typed so far, or three dots while it makes no offer yet."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = OfferForm(request.GET)
        # The name may still be missing or taken: the sentence does not need it.
        wrong = set(form.errors) - {"name"}
        return HttpResponse("…" if wrong else Offer(**form.cleaned_data).sentence)
