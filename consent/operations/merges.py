"""Permissions of two records that become one person's: the most restrictive answer wins."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from consent.enums import Act, ActorKind, Channel, LegalBasis, PointKind
from consent.models import ConsentEvent, Permission, Purpose
from consent.operations.choices import project, timeline_event
from consent.queries.standings import answer_of
from consent.rules import DENIALS, strictest
from customers.enums import Category
from customers.models import Customer
from customers.operations.merges import Joining, Parting
from customers.operations.timeline import record_events

# Ids of refusals said again for the merged person that were the loser's own.
NOTE = "consent.refusals_of_loser"


@dataclass(frozen=True)
class Scope:
    """One channel, or one kind of data, for one purpose (by its code)."""

    purpose: str
    channel: str = ""
    category: str = ""

    @property
    def word(self) -> str:
        return self.channel or self.category

    def answer(self, permission: Permission | None) -> bool | None:
        return answer_of(
            permission, Channel(self.channel) if self.channel else Category(self.category)
        )


@dataclass(frozen=True)
class Disagreement:
    """What two records answered differently; one of them refused."""

    scope: Scope
    refused_by: Customer


def disagreements(survivor: Customer, loser: Customer) -> list[Disagreement]:
    """Return where one of the two said yes and the other no."""
    given = _answers([survivor, loser])
    return [
        Disagreement(scope, survivor if theirs is False else loser)
        for scope in _scopes()
        if {theirs := given(survivor, scope), given(loser, scope)} == {True, False}
    ]


def gained(survivor: Customer, loser: Customer) -> list[Scope]:
    """Return what only the loser allowed: the survivor was never asked, or never answered."""
    given = _answers([survivor, loser])
    return [
        scope
        for scope in _scopes()
        if given(survivor, scope) is None
        and strictest(given(survivor, scope), given(loser, scope)) is True
    ]


def join(joining: Joining) -> None:
    """Bring permissions in line with the events of both: where one said no, it is no.

    Consent events are folded in the order in which they were recorded, so that a yes of one could
    outdo an earlier no of the other. Such a no is said again, as of the merge.
    """
    conflicts = disagreements(joining.survivor, joining.loser)
    again = _refuse(
        joining.survivor,
        (conflict.scope for conflict in conflicts),
        reference=f"merge:{joining.merge.pk}",
        at=joining.at,
    )
    theirs = {c.scope.word + c.scope.purpose for c in conflicts if c.refused_by == joining.loser}
    joining.note(
        NOTE,
        [
            event.pk
            for event in again
            if event.channel + event.category + event.purpose_id in theirs
        ],
    )
    _fold_anew(joining.survivor, joining.loser, at=joining.at)


def part(parting: Parting) -> None:
    """Give each the permissions of their own events; a no said since the merge is both people's.

    Nobody knows which of the two said it.
    """
    parting.move_back(ConsentEvent, also=parting.noted(NOTE))
    survivor, loser = parting.survivor, parting.loser
    _fold_anew(survivor, loser, at=parting.at)
    since = ConsentEvent.objects.filter(
        customer=survivor, recorded_at__gte=parting.merge.merged_at, act__in=DENIALS
    ).exclude(reference__startswith=f"merge:{parting.merge.pk}:")
    refused = {Scope(*values) for values in since.values_list("purpose_id", "channel", "category")}
    given = _answers([survivor, loser])
    standing = [
        scope
        for scope in sorted(refused, key=str)
        if given(survivor, scope) is False and given(loser, scope) is not False
    ]
    _refuse(loser, standing, reference=f"merge:{parting.merge.pk}:undone", at=parting.at)
    project([loser.pk], at=parting.at)


def _scopes() -> Iterator[Scope]:
    for purpose in Purpose.objects.order_by("code").values_list("code", flat=True):
        yield from (Scope(purpose, channel=channel) for channel in Channel.values)
        yield from (Scope(purpose, category=category) for category in Category.values)


def _answers(people: Iterable[Customer]) -> Callable[[Customer, Scope], bool | None]:
    """Return what says a person's answer, with the permissions of all of them read once."""
    rows = Permission.objects.filter(customer__in=[person.pk for person in people])
    known = {(row.customer_id, row.purpose_id): row for row in rows}
    return lambda person, scope: scope.answer(known.get((person.pk, scope.purpose)))


def _fold_anew(*people: Customer, at: datetime) -> None:
    ids = [person.pk for person in people]
    # Who has no events any more has no permissions either.
    Permission.objects.filter(customer__in=ids).delete()
    project(ids, at=at)


def _refuse(
    customer: Customer, scopes: Iterable[Scope], *, reference: str, at: datetime
) -> list[ConsentEvent]:
    purposes = Purpose.objects.in_bulk()
    events = ConsentEvent.objects.bulk_create(
        ConsentEvent(
            customer=customer,
            purpose=purposes[scope.purpose],
            channel=scope.channel,
            category=scope.category,
            act=_act(purposes[scope.purpose]),
            basis=purposes[scope.purpose].basis,
            collection_point_id=PointKind.MERGE,
            actor_kind=ActorKind.SYSTEM,
            occurred_at=at,
            recorded_at=at,
            reference=f"{reference}:{scope.purpose}:{scope.word}",
        )
        for scope in scopes
    )
    record_events(timeline_event(event) for event in events)
    return events


def _act(purpose: Purpose) -> Act:
    return Act.WITHDRAWN if purpose.basis == LegalBasis.CONSENT else Act.OBJECTED
