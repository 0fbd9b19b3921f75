"""Webhooks: who is told what, whether it gets through, and what became of each event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware, now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from common.admin.base import LongList, ModelAdmin, ReadOnlyAdmin
from common.bell import ring
from common.enums import PostOutcome
from common.errors import DomainError
from common.staff import signed_in
from customers.enums import DeliveryState
from customers.forms import WebhookForm
from customers.models import WebhookDelivery, WebhookSubscription
from customers.operations.webhooks import (
    change_webhook,
    create_webhook,
    failed_since,
    remove_webhook,
    replace_secret,
    replay,
    send_test,
)
from customers.queries.timeline import event_kinds
from customers.queries.webhooks import kind_choices, kind_labels
from customers.tasks import send_webhooks

SHOWN_KINDS = 3
SHOWN_DELIVERIES = 10


@admin.register(WebhookSubscription)
class WebhookSubscriptionAdmin(ModelAdmin):
    operation_tells = True
    form = WebhookForm
    list_display = (
        "name", "url", "show_kinds", "show_health", "show_failed", "last_success_at",
    )  # fmt: skip
    list_filter = ("is_active",)
    search_fields = ("name", "url")
    ordering = ("name",)
    nothing_yet = _(
        "A webhook tells another server what happens here, as it happens: an order to the ERP, "
        "an opened case to the helpdesk. Add one with the address of that server; it checks "
        "what comes by the secret that you get."
    )
    change_form_outer_before_template = "customers/webhooks/page.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookSubscription]:
        return super().get_queryset(request).with_health()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        # A field of the form's own cannot be shown where there is no form.
        may_change = obj is None or self.has_change_permission(request, obj)
        kinds = "kinds" if may_change else "show_every_kind"
        return ("name", "url", "all_kinds", kinds, "content", "is_active")

    @display(description=_("Kinds of event"))
    def show_kinds(self, webhook: WebhookSubscription) -> str:
        if webhook.all_kinds:
            return str(_("All"))
        # Kinds that the staff declare are counted: their names would cost a query a row.
        known = [event_kinds()[code].label for code in webhook.kinds if code in event_kinds()]
        shown = [str(label) for label in known[:SHOWN_KINDS]]
        more = len(webhook.kinds) - len(shown)
        return ", ".join([*shown, *([f"+ {more}"] if more else [])])

    @display(description=_("Kinds of event"))
    def show_every_kind(self, webhook: WebhookSubscription) -> str:
        if webhook.all_kinds:
            return str(_("All"))
        return ", ".join(str(label) for label in kind_labels(webhook.kinds).values())

    @display(
        description=_("State"),
        label={"works": "success", "new": "info", "fails": "danger", "off": "default"},
    )
    def show_health(self, webhook: WebhookSubscription) -> tuple[str, str]:
        if webhook.disabled_reason:
            return "fails", str(_("Switched off: it failed"))
        if not webhook.is_active:
            return "off", str(_("Off"))
        if webhook.failing_since:
            return "fails", str(_("Fails"))
        if webhook.last_success_at:
            return "works", str(_("Works"))
        return "new", str(_("Not tried yet"))

    @display(description=_("Not got through"))
    def show_failed(self, webhook: WebhookSubscription) -> str:
        waiting, dead = webhook.failed_count or 0, webhook.dead_count or 0
        if not waiting and not dead:
            return str(_("nothing"))
        return str(
            _("waiting: %(waiting)s, given up: %(dead)s") % {"waiting": waiting, "dead": dead}
        )

    def save_model(
        self, request: HttpRequest, obj: WebhookSubscription, form: Any, change: bool
    ) -> None:
        by, at = signed_in(request), now()
        if change:
            change_webhook(obj, fields=form.changed_data, by=by, at=at)
        else:
            create_webhook(obj, by=by, at=at)

    def response_add(
        self, request: HttpRequest, obj: WebhookSubscription, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret in the answer itself: a redirect would have to store it somewhere."""
        return self._secret_page(request, obj, is_new_one=False)

    def _secret_page(
        self, request: HttpRequest, webhook: WebhookSubscription, *, is_new_one: bool
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("The secret is ready"),
            "webhook": webhook,
            "is_new_one": is_new_one,
            "done": reverse("admin:customers_webhooksubscription_change", args=[webhook.pk]),
        }
        return TemplateResponse(request, "customers/webhooks/secret.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        found = WebhookSubscription.objects.filter(pk=object_id) if object_id.isdigit() else None
        webhook = found.first() if found is not None else None
        about = self._about(request, webhook) if webhook else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **about}
        )

    def _about(self, request: HttpRequest, webhook: WebhookSubscription) -> dict[str, Any]:
        latest = list(webhook.deliveries.order_by("-pk")[:SHOWN_DELIVERIES])
        labels = kind_labels({delivery.kind for delivery in latest})
        return {
            "webhook": webhook,
            "may_act": self.has_change_permission(request, webhook),
            "latest": [
                {"delivery": delivery, "kind": labels.get(delivery.kind, delivery.kind)}
                for delivery in latest
            ],
        }

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.act)
        name = "customers_webhooksubscription_act"
        return [path("<int:pk>/act/", act, name=name), *super().get_urls()]

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button of the page says."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        webhook = get_object_or_404(WebhookSubscription, pk=pk)
        act = request.POST.get("act")
        if act == "secret":
            replace_secret(webhook, by=signed_in(request), at=now())
            return self._secret_page(request, webhook, is_new_one=True)
        if act == "test":
            self._test(request, webhook)
        if act == "replay":
            self._replay(request, webhook)
        return redirect("admin:customers_webhooksubscription_change", pk)

    def _test(self, request: HttpRequest, webhook: WebhookSubscription) -> None:
        try:
            send_test(webhook, by=signed_in(request), at=now())
        except DomainError as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, _("The test is on its way; reload in a few seconds."))
            ring(send_webhooks)

    def _replay(self, request: HttpRequest, webhook: WebhookSubscription) -> None:
        since = moment_of(request.POST.get("since", ""))
        if since is None:
            messages.error(request, _("Say since when."))
        else:
            send_again(request, webhook, failed_since(webhook, since))

    def delete_model(self, request: HttpRequest, obj: WebhookSubscription) -> None:
        remove_webhook(obj, by=signed_in(request), at=now())

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[WebhookSubscription]
    ) -> None:
        for webhook in queryset:
            self.delete_model(request, webhook)


def moment_of(text: str) -> datetime | None:
    """Read what a date-time field of the browser sends, in the shop's time."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return make_aware(moment) if moment and is_naive(moment) else moment


def send_again(
    request: HttpRequest, webhook: WebhookSubscription, chosen: QuerySet[WebhookDelivery]
) -> None:
    """Replay, and say how many or why not."""
    try:
        count = replay(webhook, chosen, by=signed_in(request), at=now())
    except DomainError as refused:
        messages.error(request, f"{webhook}: {refused.message}")
        return
    text = ngettext("%(n)s delivery is sent again.", "%(n)s deliveries are sent again.", count)
    messages.success(request, text % {"n": count})
    ring(send_webhooks)


class KindFilter(DropdownFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [choice for _group, choices in kind_choices() for choice in choices]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]
    ) -> QuerySet[WebhookDelivery]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LongList, ReadOnlyAdmin):
    nothing_yet = _(
        "What was told to other servers, and what they answered. It begins with the first webhook."
    )
    list_display = (
        "created_at", "subscription", "show_kind", "show_state", "show_answer", "tries",
        "next_try_at",
    )  # fmt: skip
    list_select_related = ("subscription",)
    list_filter = (
        ("subscription", RelatedDropdownFilter),
        ("state", ChoicesDropdownFilter),
        KindFilter,
        ("created_at", RangeDateFilter),
    )
    ordering = ("-pk",)
    actions = ("replay",)
    fields = (
        ("subscription", "show_kind"),
        ("state", "tries"),
        ("created_at", "next_try_at", "delivered_at"),
    )
    change_form_outer_before_template = "customers/webhooks/delivery.html"

    @display(description=_("Kind"), ordering="kind")
    def show_kind(self, delivery: WebhookDelivery) -> str:
        kind = event_kinds().get(delivery.kind)
        if kind:
            return str(kind.label)
        return str(_("Test")) if delivery.is_test else delivery.kind

    @display(
        description=_("State"),
        label={
            DeliveryState.READY: "info",
            DeliveryState.LEASED: "info",
            DeliveryState.DELIVERED: "success",
            DeliveryState.FAILED: "warning",
            DeliveryState.DEAD: "danger",
        },
    )
    def show_state(self, delivery: WebhookDelivery) -> tuple[str, str]:
        return delivery.state, delivery.get_state_display()

    @display(description=_("Answer"))
    def show_answer(self, delivery: WebhookDelivery) -> str:
        words = delivery.get_last_outcome_display()
        return f"{words} ({delivery.last_status})" if delivery.last_status else words

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("customers.change_webhooksubscription")

    @admin.action(description=_("Send again"), permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: QuerySet[WebhookDelivery]) -> None:
        webhooks = WebhookSubscription.objects.filter(deliveries__in=chosen).distinct()
        for webhook in webhooks:
            send_again(request, webhook, WebhookDelivery.objects.filter(pk__in=chosen))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.replay_page)
        name = "customers_webhookdelivery_replay"
        return [path("<int:pk>/replay/", view, name=name), *super().get_urls()]

    def replay_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send one delivery again; a POST, since it does something."""
        if not self.has_replay_permission(request):
            raise PermissionDenied
        delivery = get_object_or_404(WebhookDelivery.objects.select_related("subscription"), pk=pk)
        if request.method == "POST":
            send_again(request, delivery.subscription, WebhookDelivery.objects.filter(pk=pk))
        return redirect("admin:customers_webhookdelivery_change", pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        found = WebhookDelivery.objects.filter(pk=object_id) if object_id.isdigit() else None
        delivery = found.first() if found is not None else None
        about = {
            "delivery": delivery,
            "may_act": self.has_replay_permission(request),
            "tries": [_in_words(entry) for entry in delivery.log] if delivery else [],
        }
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **about}
        )


def _in_words(entry: dict[str, Any]) -> dict[str, Any]:
    outcome = PostOutcome(entry["outcome"]).label
    return {**entry, "at": datetime.fromisoformat(entry["at"]), "outcome": outcome}
