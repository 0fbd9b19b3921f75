"""The readers of the timeline: how far each has come, what it failed at, and what to do."""

from datetime import datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from common.admin.base import ReadOnlyAdmin
from common.errors import DomainError
from common.staff import signed_in
from customers.models import ConsumerFault, ConsumerPosition
from customers.operations.consuming import replay, try_again
from customers.queries.timeline import consumers, kinds_called


def in_words(name: str) -> str:
    """Return what a consumer does; its name, when the program has it no more."""
    consumer = consumers().get(name)
    return str(consumer.label) if consumer else name


@admin.register(ConsumerPosition)
class ConsumerPositionAdmin(ReadOnlyAdmin):
    list_display = (
        "show_name",
        "show_state",
        "show_behind",
        "show_set_aside",
        "error",
        "failed_at",
        "retry_at",
    )
    fields = list_display
    ordering = ("name",)
    actions = ("wake",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsumerPosition]:
        return super().get_queryset(request).with_unread_since().with_set_aside()

    def has_wake_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("customers.change_consumerposition")

    @admin.action(description=_("Try again now"), permissions=["wake"])
    def wake(self, request: HttpRequest, chosen: QuerySet[ConsumerPosition]) -> None:
        for position in chosen:
            try_again(position, by=signed_in(request), at=now())
        messages.success(request, _("The chosen consumers try again within seconds."))

    @display(description=_("What it does"), ordering="name")
    def show_name(self, position: ConsumerPosition) -> str:
        return in_words(position.name)

    @display(
        description=_("State"),
        label={"works": "success", "fails": "danger", "set aside": "warning"},
    )
    def show_state(self, position: ConsumerPosition) -> tuple[str, str]:
        if position.failures:
            return "fails", str(_("Fails"))
        if position.set_aside:
            return "set aside", str(_("Works, with events set aside"))
        return "works", str(_("Works"))

    @display(description=_("Behind by"))
    def show_behind(self, position: ConsumerPosition) -> str:
        return _since(position.unread_since, now())

    @display(description=_("Events set aside"))
    def show_set_aside(self, position: ConsumerPosition) -> int:
        return position.set_aside


def _since(unread_since: datetime | None, at: datetime) -> str:
    return timesince(unread_since, at, depth=1) if unread_since else str(_("has read everything"))


@admin.register(ConsumerFault)
class ConsumerFaultAdmin(ReadOnlyAdmin):
    nothing_yet = _(
        "Good news: every event could be acted upon. One that cannot waits here, so that it "
        "holds up no others."
    )
    list_display = ("show_kind", "show_consumer", "error", "at", "replayed_at")
    fields = list_display
    ordering = ("-pk",)
    actions = ("replay",)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("customers.change_consumerfault")

    @admin.action(description=_("Replay"), permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: QuerySet[ConsumerFault]) -> None:
        """Replay them in the order in which they happened, each for itself."""
        done = 0
        for fault in chosen.order_by("generation", "xid", "event_id"):
            try:
                replay(fault, by=signed_in(request), at=now())
                done += 1
            except DomainError as refused:
                messages.error(request, f"{self.show_kind(fault)}: {refused.message}")
        if done:
            said = ngettext("%(n)s event was replayed.", "%(n)s events were replayed.", done)
            messages.success(request, said % {"n": done})

    @display(description=_("kind of event"), ordering="kind")
    def show_kind(self, fault: ConsumerFault) -> str:
        kind = kinds_called({fault.kind}).get(fault.kind)
        return str(kind.label) if kind else fault.kind

    @display(description=_("consumer"), ordering="consumer")
    def show_consumer(self, fault: ConsumerFault) -> str:
        return in_words(fault.consumer_id)
