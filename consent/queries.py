"""May we use this channel, for this purpose, with these data: the one predicate."""

from collections.abc import Collection, Iterable
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
from consent.models import Permission, Purpose, Suppression
from customers.enums import Category
from customers.models import Customer

ADDRESS_OF = {Channel.EMAIL: "email", Channel.SMS: "phone", Channel.WHATSAPP: "phone"}


def with_permission(customers: QuerySet[Customer], *, purpose: Purpose) -> QuerySet[Customer]:
    """Join what each customer's choices for the purpose add up to, as ``permission``."""
    return customers.annotate(
        permission=FilteredRelation("permissions", condition=Q(permissions__purpose=purpose.pk))
    )


def may_use(category: Category, *, purpose: Purpose) -> Q:
    """Keep, of customers ``with_permission``, those whose data of the category may be used."""
    field = f"permission__data_{category.value}"
    if purpose.needs_opt_in:
        return Q(**{field: True})
    return Q(**{field: True}) | Q(**{f"{field}__isnull": True})


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
    return with_permission(customers, purpose=purpose).annotate(
        verdict=_verdict(_objections(purpose, channel, using))
    )


def contactable(
    customers: QuerySet[Customer],
    *,
    purpose: Purpose,
    channel: Channel,
    using: Collection[Category],
    at: datetime,
) -> QuerySet[Customer]:
    """Keep the customers whose verdict is ``allowed``, in conditions that the planner can use."""
    del at  # as above
    without = Q()
    for objection in _objections(purpose, channel, using):
        without &= objection.is_absent
    # In one filter, since a second would join the permissions again.
    return with_permission(customers, purpose=purpose).filter(without)


@dataclass(frozen=True)
class Verdicts:
    """What one purpose may use of a person, and why not."""

    purpose: Purpose
    channels: dict[Channel, Verdict]
    categories: dict[Category, Verdict]


def verdicts(customer: Customer, *, at: datetime) -> list[Verdicts]:
    """Judge every channel and every kind of data by itself, in one query for each purpose."""
    del at  # as above
    return [_verdicts(customer, purpose) for purpose in Purpose.objects.order_by("code")]


def _verdicts(customer: Customer, purpose: Purpose) -> Verdicts:
    channels = {f"by_{channel.value}": channel for channel in Channel}
    categories = {f"using_{category.value}": category for category in Category}
    found = (
        with_permission(Customer.objects.filter(pk=customer.pk), purpose=purpose)
        .annotate(
            **{
                name: _verdict(_objections(purpose, channel, ()))
                for name, channel in channels.items()
            },
            **{
                name: _verdict(_objections_to_data(purpose, category))
                for name, category in categories.items()
            },
        )
        .values(*channels, *categories)
        .get()
    )
    return Verdicts(
        purpose=purpose,
        channels={channel: Verdict(found[name]) for name, channel in channels.items()},
        categories={category: Verdict(found[name]) for name, category in categories.items()},
    )


@dataclass(frozen=True)
class _Objection:
    """A reason not to write or use; of ``holds`` and ``is_absent`` one is true of everybody.

    Both are spelled out: in SQL, what is not true of somebody may still not be false.
    """

    verdict: Verdict
    holds: Q
    is_absent: Q


def _verdict(objections: Iterable[_Objection]) -> Case:
    """Return the first objection that holds, or that it is allowed."""
    return Case(
        *(When(objection.holds, then=Value(objection.verdict.value)) for objection in objections),
        default=Value(Verdict.ALLOWED.value),
        output_field=CharField(),
    )


def _objections(
    purpose: Purpose, channel: Channel, using: Collection[Category]
) -> list[_Objection]:
    """Return every reason not to write, in the order in which they count."""
    objections = [_no_address(channel)]
    if channel in ADDRESS_OF:
        suppressed = _is_suppressed(channel)
        objections.append(_Objection(Verdict.SUPPRESSED, Q(suppressed), Q(~suppressed)))
    field = f"permission__channel_{channel.value}"
    objections += _objections_of(field, purpose, refused=Verdict.CHANNEL_REFUSED)
    for category in sorted(using):
        objections += _objections_to_data(purpose, category)
    return objections


def _objections_to_data(purpose: Purpose, category: Category) -> list[_Objection]:
    field = f"permission__data_{Category(category).value}"
    return _objections_of(
        field, purpose, silent=Verdict.DATA_NOT_ASKED, refused=Verdict.DATA_REFUSED
    )


def _objections_of(
    field: str, purpose: Purpose, *, silent: Verdict = Verdict.NO_PERMISSION, refused: Verdict
) -> list[_Objection]:
    """Return what a permission's column may object: no answer, where one is needed, or a no."""
    yes, no, silence = (Q(**{field: answer}) for answer in (True, False, None))
    if purpose.needs_opt_in:
        return [
            _Objection(silent, silence, yes | no),
            _Objection(refused, no, yes),
        ]
    return [_Objection(refused, no, yes | silence)]


def _no_address(channel: Channel) -> _Objection:
    gone = Q(erased_at__isnull=False) | Q(merged_into__isnull=False)
    here = Q(erased_at=None, merged_into=None)
    field = "postal_code" if channel == Channel.POST else ADDRESS_OF.get(channel)
    if field is None:
        return _Objection(Verdict.NO_ADDRESS, gone, here)
    empty, filled = Q(**{field: ""}), Q(**{f"{field}__gt": ""})
    return _Objection(Verdict.NO_ADDRESS, gone | empty, here & filled)


def _is_suppressed(channel: Channel) -> Exists:
    standing = Suppression.objects.filter(channel=channel, lifted_at=None)
    return Exists(standing.filter(contact_hash=OuterRef(f"{ADDRESS_OF[channel]}_hash")))


@dataclass(frozen=True)
class Standing:
    """What a person's choices for one purpose add up to; None is "never asked"."""

    purpose: Purpose
    channels: list[tuple[Channel, bool | None]]
    categories: list[tuple[Category, bool | None]]


def standings(purposes: Iterable[Purpose], permissions: Iterable[Permission]) -> list[Standing]:
    """Return what one person's permissions say of each purpose, with or without an answer."""
    given = {row.purpose_id: row for row in permissions}
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
        for purpose in purposes
    ]
