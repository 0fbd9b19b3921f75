"""The timeline as programs read and write it."""

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.models import (
    Event,
)
from customers.operations.ingesting import EventReport
from customers.queries.history import describe
from customers.queries.timeline import event_kinds, kinds_called
from customers.rules import EventKind
from customers.rules.telling import EventBatch
from customers.rules.webhooks import shown_details


class EventSerializer(serializers.ModelSerializer):
    sentence = serializers.SerializerMethodField(help_text="In the language of the request.")
    details = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = ("kind", "sentence", "details", "occurred_at", "recorded_at", "historic")

    @cached_property
    def known_kinds(self) -> dict[str, EventKind | None]:
        """Return the kinds that are known so far: the staff's are asked for once a list."""
        return dict(event_kinds())

    def get_sentence(self, event: Event) -> str:
        known = self.known_kinds
        if event.kind not in known:
            known[event.kind] = kinds_called([event.kind]).get(event.kind)
        kind = known[event.kind]
        return describe(kind, event.data) if kind else event.kind

    @extend_schema_field({"type": "object"})
    def get_details(self, event: Event) -> dict[str, Any]:
        return shown_details(event.data)


EVENTS = {
    "operationId": "events_create",
    "summary": "Tell what customers did, 1 to 1,000 events at once.",
    "description": (
        "Each event is judged by itself: good ones are kept, and `errors` says why others are "
        "not. `reference` makes a repeat harmless. Pages, searches, visits and locations keep "
        "the customer only with permission; otherwise they are counted without one. Kinds are "
        "declared by the program or in the back office, each with its details."
    ),
    "request": EventBatch,
    "responses": {
        200: (EventReport, "All events are kept."),
        207: (EventReport, "Some events are refused; the others are kept."),
    },
}
