"""Choices that grew old: what proves those that ended, and permissions that nobody used."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from common.discovery import declared
from consent.enums import Channel
from consent.models import ConsentEvent, Permission, Restriction, SubjectRequest
from consent.rules import DENIALS, ENDS
from customers.enums import Category
from customers.models import CustomerMetrics
from customers.rules.retention import Term

# What somebody does themselves shows that they know of us, and what they allowed us.
DONE_BY_THEMSELVES = ("last_seen_at", "last_click_at")

# Of ``scope`` (``consent.queries.fold``): whether these permissions are still as they were found.
# Whoever chose again while we waited for the lock has another last event by now.
STILL_UNUSED = """EXISTS (
    SELECT FROM consent_permission unused
    WHERE unused.id = ANY(%(permissions)s) AND unused.last_event_id = ANY(%(events)s)
      AND unused.customer_id = scope.customer_id AND unused.purpose_id = scope.purpose_id
)"""


def evidence_of_the_ended(term: Term) -> QuerySet[ConsentEvent]:
    """Return the choices that stand no more for so long, and of which there still is evidence.

    A denial stands for what it ended, from its own day. Nothing is destroyed of whose data stand
    still, or who asks for them: they may need it.
    """
    same = ("customer", "purpose", "channel", "category")
    over = ConsentEvent.objects.filter(
        # A yes that was told after a later no never counted.
        Q(pk__gte=OuterRef("pk")) | Q(occurred_at__gt=OuterRef("occurred_at")),
        act__in=DENIALS | ENDS,
        recorded_at__lt=term.before,
        **{name: OuterRef(name) for name in same},
    )
    theirs = {"customer": OuterRef("customer")}
    return ConsentEvent.objects.filter(
        Exists(over),
        ~Exists(Restriction.objects.standing(at=Now()).filter(**theirs)),
        ~Exists(SubjectRequest.objects.open().filter(**theirs)),
        evidence_sealed__gt=b"",
        recorded_at__lt=term.before,
    )


@cache
def uses() -> tuple[Callable[[datetime], Exists], ...]:
    """Return what counts as a use, as apps declare it in ``retention.py: USES``.

    Each gets a moment, and returns the condition on permissions that were used since.
    """
    return declared("retention", "USES")


def unused(term: Term) -> QuerySet[Permission]:
    """Return the permissions given so long ago, for whose purpose nothing was sent since.

    Whoever ordered, visited or followed a link since, or chose anything for the purpose, is still
    in touch. Where silence permits as well, an end would take nothing away.
    """
    people = CustomerMetrics.objects.filter(customer=OuterRef("customer"))
    permissions = Permission.objects.filter(
        _permits_something(), changed_at__lt=term.before, purpose__needs_opt_in=True
    )
    for moment in DONE_BY_THEMSELVES:
        permissions = permissions.filter(~Exists(people.filter(**{f"{moment}__gte": term.before})))
    for use in uses():
        permissions = permissions.filter(~use(term.before))
    return permissions


def _permits_something() -> Q:
    permits = Q()
    for name in (
        *(f"channel_{channel.value}" for channel in Channel),
        *(f"data_{category.value}" for category in Category),
    ):
        permits |= Q(**{name: True})
    return permits
