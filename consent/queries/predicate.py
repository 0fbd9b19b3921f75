"""May we use this channel, for this purpose, with these data: the one predicate."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
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

# The last consent event that the permission joined rests on, by id; NULL where nobody chose yet.
RESTS_ON = F("permission__last_event_id")
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
        verdict=first_objection(objections(purpose, channel, using))
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
    for objection in objections(purpose, channel, using):
        without &= objection.is_absent
    # In one filter, since a second would join the permissions again.
    return with_permission(customers, purpose=purpose).filter(without)


@dataclass(frozen=True)
class Objection:
    """A reason not to write or use; of ``holds`` and ``is_absent`` one is true of everybody.

    Both are spelled out: in SQL, what is not true of somebody may still not be false.
    """

    verdict: Verdict
    holds: Q
    is_absent: Q


def first_objection(among: Iterable[Objection]) -> Case:
    """Return the first objection that holds, or that it is allowed."""
    return Case(
        *(When(objection.holds, then=Value(objection.verdict.value)) for objection in among),
        default=Value(Verdict.ALLOWED.value),
        output_field=CharField(),
    )


def objections(purpose: Purpose, channel: Channel, using: Collection[Category]) -> list[Objection]:
    """Return every reason not to write, in the order in which they count."""
    found = [_no_address(channel)]
    if channel in ADDRESS_OF:
        suppressed = _is_suppressed(channel)
        found.append(Objection(Verdict.SUPPRESSED, Q(suppressed), Q(~suppressed)))
    field = f"permission__channel_{channel.value}"
    found += _objections_of(field, purpose, refused=Verdict.CHANNEL_REFUSED)
    for category in sorted(using):
        found += objections_to_data(purpose, category)
    return found


def objections_to_data(purpose: Purpose, category: Category) -> list[Objection]:
    field = f"permission__data_{Category(category).value}"
    return _objections_of(
        field, purpose, silent=Verdict.DATA_NOT_ASKED, refused=Verdict.DATA_REFUSED
    )


def _objections_of(
    field: str, purpose: Purpose, *, silent: Verdict = Verdict.NO_PERMISSION, refused: Verdict
) -> list[Objection]:
    """Return what a permission's column may object: no answer, where one is needed, or a no."""
    yes, no, silence = (Q(**{field: answer}) for answer in (True, False, None))
    if purpose.needs_opt_in:
        return [
            Objection(silent, silence, yes | no),
            Objection(refused, no, yes),
        ]
    return [Objection(refused, no, yes | silence)]


def _no_address(channel: Channel) -> Objection:
    gone = Q(erased_at__isnull=False) | Q(merged_into__isnull=False)
    here = Q(erased_at=None, merged_into=None)
    field = "postal_code" if channel == Channel.POST else ADDRESS_OF.get(channel)
    if field is None:
        return Objection(Verdict.NO_ADDRESS, gone, here)
    empty, filled = Q(**{field: ""}), Q(**{f"{field}__gt": ""})
    return Objection(Verdict.NO_ADDRESS, gone | empty, here & filled)


def _is_suppressed(channel: Channel) -> Exists:
    standing = Suppression.objects.filter(channel=channel, lifted_at=None)
    return Exists(standing.filter(contact_hash=OuterRef(f"{ADDRESS_OF[channel]}_hash")))
