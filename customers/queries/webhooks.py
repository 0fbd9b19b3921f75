"""What a webhook may say, read when it is said."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.discovery import declared
from customers.enums import Category, DisabledReason, WebhookContent
from customers.models import Customer, DeclaredKind, Event, WebhookDelivery, WebhookSubscription
from customers.queries.timeline import event_kinds, kinds_called
from customers.rules import TRACKED, EventKind, Gate
from customers.rules.webhooks import TEST_KIND, body_of

Choices = list[tuple[str | Promise, list[tuple[str, str | Promise]]]]

APP_LABELS: dict[str, str | Promise] = {
    "customers": _("Customers and orders"),
    "consent": _("Consent"),
    "segments": _("Segments"),
    "campaigns": _("Campaigns and vouchers"),
    "loyalty": _("Loyalty"),
    "shop": _("Declared by the shop"),
}


def kind_choices() -> Choices:
    """Return every kind of event with its name, in the groups in which a person looks."""
    named = [(kind.code, kind.label) for kind in event_kinds().values()]
    named += DeclaredKind.objects.order_by("label").values_list("code", "label")
    return [
        (label, [(code, name) for code, name in named if code.startswith(f"{app}.")])
        for app, label in APP_LABELS.items()
        if any(code.startswith(f"{app}.") for code, _name in named)
    ]


def kind_labels(codes: Collection[str]) -> dict[str, str | Promise]:
    """Return the names of these kinds, in a query at most."""
    labels: dict[str, str | Promise] = {
        code: kind.label for code, kind in kinds_called(codes).items()
    }
    return labels | ({TEST_KIND: _("Test")} if TEST_KIND in codes else {})


def webhooks_in_trouble() -> QuerySet[WebhookSubscription]:
    """Return those to which nothing gets through, and those that were switched off for it."""
    failing = Q(is_active=True, failing_since__isnull=False)
    off = Q(is_active=False, disabled_reason__in=DisabledReason.values)
    return WebhookSubscription.objects.filter(failing | off)


def bodies(deliveries: Sequence[WebhookDelivery]) -> Mapping[int, bytes]:
    """Return what each delivery says as things stand now, by its id.

    A handful of queries, however many there are. One whose event is no more is left out.
    """
    events = _events([row.event_id for row in deliveries if row.event_id])
    kinds = kinds_called({event.kind for event in events.values()})
    tellable = _tellable(events.values(), kinds)
    said: dict[int, bytes] = {}
    for row in deliveries:
        content = WebhookContent(row.subscription.content)
        if row.event_id is None:
            said[row.pk] = _test_body(content, at=row.created_at)
        elif event := events.get(row.event_id):
            said[row.pk] = body_of(
                event.kind,
                occurred_at=event.occurred_at,
                customer=event.customer.external_id if event.customer else None,
                details=event.data,
                content=content,
                may_name=event.pk in tellable,
            )
    return said


def _events(ids: Collection[int]) -> dict[int, Event]:
    return Event.objects.select_related("customer").in_bulk(list(ids)) if ids else {}


def _test_body(content: WebhookContent, *, at: datetime) -> bytes:
    return body_of(
        TEST_KIND, occurred_at=at, customer="test", details={}, content=content, may_name=True
    )


def _tellable(events: Collection[Event], kinds: Mapping[str, EventKind]) -> set[int]:
    """Return the ids of the events whose customer and details may be told.

    Nobody is told of who was erased; watched behaviour only where permission stands now. A kind
    that nobody declares any more has no category, and is not told.
    """
    asked: dict[Category, set[int]] = {}
    for event in events:
        if event.kind in kinds and event.customer_id:
            asked.setdefault(kinds[event.kind].category, set()).add(event.customer_id)
    allowed = {category: _permitting(category, ids) for category, ids in asked.items()}
    return {
        event.pk
        for event in events
        if event.kind in kinds and _may_tell(event, kinds[event.kind].category, allowed)
    }


def _may_tell(event: Event, category: Category, allowed: Mapping[Category, set[int]]) -> bool:
    if event.customer_id is None:
        return category not in TRACKED
    return event.customer_id in allowed[category]


def _permitting(category: Category, ids: Collection[int]) -> set[int]:
    people = Customer.objects.present().filter(pk__in=ids)
    if category in TRACKED:
        gates: dict[Category, Gate] = {gate.category: gate for gate in declared("gates", "GATES")}
        if category not in gates:
            return set()
        people = gates[category].permitting(people)
    return set(people.values_list("pk", flat=True))
