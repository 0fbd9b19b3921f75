"""May we use this channel, for this purpose, with these data: the one predicate."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Case,
    CharField,
    Exists,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from consent.enums import Channel, Verdict
from consent.models import Purpose, Suppression
from customers.enums import Category
from customers.models import Customer

ADDRESS_OF = {Channel.EMAIL: "email", Channel.SMS: "phone", Channel.WHATSAPP: "phone"}


def with_verdict(
    customers: QuerySet[Customer],
    *,
    purpose: Purpose,
    channel: Channel,
    using: Collection[Category],
    at: datetime,
) -> QuerySet[Customer]:
    """Annotate each customer with ``verdict``: the first reason why not, or ``allowed``.

    ``using`` are the categories of all data that choose or fill the message. One LEFT JOIN and
    one look-up among the blocked addresses, for one customer or a million.
    """
    del at  # a permission has no end date yet; whoever asks knows the time already
    return customers.annotate(
        permission=FilteredRelation("permissions", condition=Q(permissions__purpose=purpose.pk)),
        verdict=Case(
            *_objections(purpose, channel, using),
            default=Value(Verdict.ALLOWED.value),
            output_field=CharField(),
        ),
    )


def contactable(
    customers: QuerySet[Customer],
    *,
    purpose: Purpose,
    channel: Channel,
    using: Collection[Category],
    at: datetime,
) -> QuerySet[Customer]:
    """Keep the customers who may be reached; see ``with_verdict``."""
    judged = with_verdict(customers, purpose=purpose, channel=channel, using=using, at=at)
    return judged.filter(Q(("verdict", Verdict.ALLOWED)))


def _objections(purpose: Purpose, channel: Channel, using: Collection[Category]) -> list[When]:
    """Return every reason to leave somebody out, the first that holds wins."""
    may_write = f"permission__channel_{channel.value}"
    may_use = [f"permission__data_{Category(category).value}" for category in sorted(using)]
    objections = [(_has_no_address(channel), Verdict.NO_ADDRESS)]
    if channel in ADDRESS_OF:
        objections.append((Q(_is_suppressed(channel)), Verdict.SUPPRESSED))
    if purpose.needs_opt_in:
        objections.append((Q(**{f"{may_write}__isnull": True}), Verdict.NO_PERMISSION))
    objections.append((Q(**{may_write: False}), Verdict.CHANNEL_REFUSED))
    for field in may_use:
        if purpose.needs_opt_in:
            objections.append((Q(**{f"{field}__isnull": True}), Verdict.DATA_REFUSED))
        objections.append((Q(**{field: False}), Verdict.DATA_REFUSED))
    return [When(condition, then=Value(verdict.value)) for condition, verdict in objections]


def _has_no_address(channel: Channel) -> Q:
    gone = Q(erased_at__isnull=False)
    if channel in ADDRESS_OF:
        return gone | Q(**{ADDRESS_OF[channel]: ""})
    if channel == Channel.POST:
        return gone | Q(postal_code="")
    return gone


def _is_suppressed(channel: Channel) -> Exists:
    standing = Suppression.objects.filter(channel=channel, lifted_at=None)
    return Exists(standing.filter(contact_hash=OuterRef(f"{ADDRESS_OF[channel]}_hash")))


@dataclass(frozen=True)
class Standing:
    """What a person's choices for one purpose add up to; None is "never asked"."""

    purpose: Purpose
    channels: list[tuple[Channel, bool | None]]
    categories: list[tuple[Category, bool | None]]


def standings(customer: Customer) -> list[Standing]:
    """Return one row for each purpose, with or without an answer, in two queries."""
    given = {row.purpose_id: row for row in customer.permissions.all()}
    return [
        Standing(
            purpose=purpose,
            channels=[
                (channel, getattr(given.get(purpose.pk), f"channel_{channel.value}", None))
                for channel in Channel
            ],
            categories=[
                (category, getattr(given.get(purpose.pk), f"data_{category.value}", None))
                for category in Category
            ],
        )
        for purpose in Purpose.objects.order_by("code")
    ]
