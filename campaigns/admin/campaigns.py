"""Campaigns: prepared, launched, stopped, and looked at until the result stands."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from campaigns.enums import Audience, CampaignState, MessageState, Outcome
from campaigns.exports import CAMPAIGNS, MESSAGES
from campaigns.forms.campaigns import CampaignForm, LaunchForm
from campaigns.models import Campaign, Message
from campaigns.operations.planning import (
    go_on,
    save_campaign,
    schedule,
    send_again,
    stop,
    unschedule,
)
from campaigns.queries.audience import forecast
from campaigns.queries.report import report
from campaigns.queries.tokens import READ
from campaigns.queries.why import about
from campaigns.tasks import launch_due, send
from common.admin import ModelAdmin, PeopleList, ReadOnlyAdmin
from common.bell import ring
from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from consent.queries.reach_in_words import held_back, line
from customers.admin.about import AboutCustomer
from customers.queries.languages import language_of
from segments.queries.staleness import out_of_date

MOST_UNCERTAIN = 20

# What a button of the page does, and what is said then.
ACTS: dict[str, tuple[Callable[..., Campaign], Any]] = {
    "unschedule": (unschedule, _("The campaign is a draft again.")),
    "stop": (stop, _("Stopped: no further message goes out.")),
    "go_on": (go_on, _("The rest is being sent.")),
}


@admin.register(Campaign)
class CampaignAdmin(ModelAdmin):
    operation_tells = True
    nothing_yet = _(
        "A campaign sends a message, with an offer if you like, to a segment, and keeps a "
        "control group to show whether it paid."
    )
    export_table = CAMPAIGNS
    form = CampaignForm
    list_display = ("name", "show_state", "segment", "offer", "scheduled_at", "launched_at")
    list_select_related = ("segment", "offer")
    list_filter = (("state", ChoicesDropdownFilter), ("segment", RelatedDropdownFilter))
    search_fields = ("name",)
    ordering = ("-id",)
    fields = (
        "name",
        "segment",
        "goes_to",
        "template",
        "offer",
        ("about_category", "about_occasion"),
        ("control_percent", "attribution_days"),
    )
    change_form_outer_before_template = "campaigns/campaign_page.html"

    @display(
        description=_("State"),
        label={
            CampaignState.DRAFT: "default",
            CampaignState.SCHEDULED: "info",
            CampaignState.LAUNCHING: "info",
            CampaignState.SENDING: "warning",
            CampaignState.FINISHED: "success",
            CampaignState.STOPPED: "danger",
        },
    )
    def show_state(self, campaign: Campaign) -> tuple[str, str]:
        return campaign.state, campaign.state_in_words

    @display(description=_("Control group, in per cent"))
    def show_control_percent(self, campaign: Campaign) -> str:
        return f"{round(campaign.control_share * 100)} %"

    def get_fields(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        if self.has_change_permission(request, obj) or obj is None:
            return self.fields
        # A field of the form's own cannot be shown where there is no form.
        return (*self.fields[:6], ("show_control_percent", "attribution_days"))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        is_draft = not isinstance(obj, Campaign) or obj.state == CampaignState.DRAFT
        return is_draft and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        is_draft = not isinstance(obj, Campaign) or obj.state == CampaignState.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        save_campaign(obj, by=signed_in(request), at=now())

    def response_post_save_add(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        # What is next: to see whom it would reach, and to launch it.
        return redirect("admin:campaigns_campaign_launch", obj.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        campaign = Campaign.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        context = self._about(request, campaign) if campaign else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    def _about(self, request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
        """Return what the upper part of a campaign's page shows."""
        at = now()
        uncertain = campaign.messages.filter(state=MessageState.UNCERTAIN)
        return {
            "campaign": campaign,
            "is_late": campaign.is_late(at=at),
            "is_moving": campaign.is_moving(at=at),
            "may_act": request.user.has_perm("campaigns.change_campaign"),
            "uncertain": uncertain.select_related("customer").order_by("pk")[:MOST_UNCERTAIN],
            **(report(campaign, at=at) if campaign.launched_at else {}),
        }

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/launch/", wrap(self.launch_page), name="campaigns_campaign_launch"),
            path("<int:pk>/act/", wrap(self.act), name="campaigns_campaign_act"),
            path("<int:pk>/progress/", wrap(self.progress), name="campaigns_campaign_progress"),
            *super().get_urls(),
        ]

    def launch_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say who would get the message and who would not, then let somebody decide."""
        if not request.user.has_perm("campaigns.change_campaign"):
            raise PermissionDenied
        campaign = get_object_or_404(Campaign.objects.select_related("segment__purpose"), pk=pk)
        stale = out_of_date(campaign.segment, at=now())
        form = LaunchForm(request.POST or None, at=now(), stale=stale)
        if form.is_valid() and self._schedule(request, campaign, form):
            return redirect("admin:campaigns_campaign_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Launch"),
            "opts": self.opts,
            "campaign": campaign,
            "form": form,
            "stale": stale,
            "is_for_entrants": campaign.goes_to == Audience.ENTRANTS,
            **_forecast(request, campaign),
        }
        return TemplateResponse(request, "campaigns/campaign_launch.html", context)

    def _schedule(self, request: HttpRequest, campaign: Campaign, form: LaunchForm) -> bool:
        try:
            schedule(campaign, **form.cleaned_data, by=signed_in(request), at=now())
        except DomainError as refused:
            messages.error(request, refused.message)
            return False
        messages.success(request, _("The campaign begins by itself at its time."))
        ring(launch_due)
        return True

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button says: stop, go on, or make a draft again."""
        if not request.user.has_perm("campaigns.change_campaign"):
            raise PermissionDenied
        if request.method == "POST" and request.POST.get("act") in ACTS:
            operation, answer = ACTS[request.POST["act"]]
            campaign = get_object_or_404(Campaign, pk=pk)
            if _try(request, lambda: operation(campaign, by=signed_in(request), at=now()), answer):
                ring(launch_due)
                ring(send)
        return redirect("admin:campaigns_campaign_change", pk)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the upper part of the page, which asks for itself while the campaign moves."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self._about(request, get_object_or_404(Campaign, pk=pk))
        return TemplateResponse(request, "campaigns/campaign_page.html", context)


@admin.register(Message)
class MessageAdmin(AboutCustomer, PeopleList, ReadOnlyAdmin):
    change_form_outer_before_template = "campaigns/message_acts.html"
    nothing_yet = _(
        "Messages appear when a campaign is launched: one for each customer, also those to "
        "whom none is sent, and why."
    )
    export_table = MESSAGES
    list_display = (
        "show_customer",
        "campaign",
        "outcome",
        "show_state",
        "skip_reason",
        "attempts",
        "sent_at",
    )
    list_display_links = ("outcome",)
    list_select_related = ("customer", "campaign")
    list_filter = (
        ("campaign", RelatedDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("skip_reason", ChoicesDropdownFilter),
    )
    ordering = ("-id",)
    fields = (
        ("show_customer", "campaign", "channel"),
        ("outcome", "decided_at"),
        ("state", "skip_reason", "error"),
        ("voucher", "attempts"),
        ("sent_at", "unsubscribed_at"),
    )

    @display(
        description=_("State"),
        label={
            MessageState.SENT: "success",
            MessageState.FAILED: "danger",
            MessageState.SKIPPED: "warning",
            MessageState.UNCERTAIN: "danger",
        },
    )
    def show_state(self, message: Message) -> tuple[str, str]:
        return message.state, message.get_state_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).select_related("voucher")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/send-again/", wrap(self.send_again), name="campaigns_message_send_again"
            ),
            path("<int:pk>/why/", wrap(self.why_page), name="campaigns_message_why"),
            *super().get_urls(),
        ]

    def why_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the customer reads about why they got it; that somebody looked is kept."""
        user = signed_in(request)
        if not (self.has_view_permission(request) and user.has_perm("customers.view_customer")):
            raise PermissionDenied
        known = Message.objects.filter(customer__erased_at=None)
        message = get_object_or_404(known.select_related(*READ), pk=pk)
        audit("messages.seen_as_customer", message.customer, at=now(), by=user)
        with translation.override(language_of(message.customer)):
            context = {**about(message, at=now()), "as_staff": True}
            return render(request, "campaigns/why.html", context)

    def send_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a message that may have arrived once already, because somebody says so."""
        if not request.user.has_perm("campaigns.change_campaign"):
            raise PermissionDenied
        message = get_object_or_404(Message, pk=pk)
        if request.method == "POST" and _try(
            request,
            lambda: send_again(message, by=signed_in(request), at=now()),
            _("The message is sent again."),
        ):
            ring(send)
        return redirect("admin:campaigns_campaign_change", message.campaign_id)


def _forecast(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """Return what would become of everybody, or say why nobody can tell."""
    try:
        reach = forecast(campaign, at=now())
    except DomainError as refused:
        messages.error(request, refused.message)
        return {}
    kept_back = round(reach.allowed * campaign.control_share)
    everybody = reach.total
    return {
        "lines": [
            line(_("In the segment"), everybody, of=everybody),
            *held_back(reach, exactly=True, label=lambda why: Outcome(why).label),
            line(_("Control group"), kept_back, of=everybody),
            line(_("Will be sent"), reach.allowed - kept_back, of=everybody),
        ]
    }


def _try(request: HttpRequest, act: Callable[[], object], answer: Any) -> bool:
    """Do something and say so, or say why not."""
    try:
        act()
    except DomainError as refused:
        messages.error(request, refused.message)
        return False
    messages.success(request, answer)
    return True
