"""Two records of one person become one, and two again.

Whatever an app declares to hold about a person moves to the record that stays, the survivor; the
other, the loser, remains as a row that leads to it. Every moved row is listed, so that an undo
moves exactly those back: what happened since stays with the survivor.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from customers.enums import CandidateState, Pick
from customers.models import Customer, DuplicateCandidate, Merge, MergedRows
from customers.operations.metrics import refresh_metrics
from customers.operations.profile import save_customer
from customers.operations.timeline import record_event
from customers.operations.touches import refresh_touches
from customers.queries.holdings import held, holdings, merge_parts
from customers.rules.merging import PICKED, Merging, default_picks, further, united

# No file takes longer to come in.
LATEST = timedelta(days=3)


class NobodyElse(DomainError):
    code = "same_customer"
    status = 422


class CustomerErased(DomainError):
    code = "customer_erased"


class MergedAlready(DomainError):
    code = "merged_already"


class CannotUndo(DomainError):
    code = "cannot_undo"


@dataclass(frozen=True)
class Joining:
    """A merge under way, both people held; apps move what is theirs by it."""

    merge: Merge
    survivor: Customer
    loser: Customer
    at: datetime
    _moved: dict[str, list[int]] = field(default_factory=dict)

    def move(
        self,
        model: type[Model],
        *,
        column: str = "customer",
        source: int | None = None,
        target: int | None = None,
        once: Sequence[str] = (),
    ) -> list[int]:
        """Move the loser's rows to the survivor, and list them for the undo; return their ids.

        ``column`` may name something of theirs (a member, an account), of which ``source`` and
        ``target`` are the ids. Rows that say in ``once`` what a row of the survivor's says stay.
        """
        owner = _column(model, column)
        old, new = source or self.loser.pk, target or self.survivor.pk
        moving = _rows_of(model, owner, old, unless=new, once=once)
        if moving:
            _move(model, owner, moving, new)
            MergedRows.objects.create(
                merge=self.merge, table=model._meta.db_table, column=owner, rows=moving
            )
            self._moved[model._meta.db_table] = moving
        return moving

    def moved(self, model: type[Model]) -> list[int]:
        """Return the ids of the table's rows that have just moved."""
        return self._moved.get(model._meta.db_table, [])

    def note(self, name: str, values: Sequence[Any]) -> None:
        """Remember what the undo must know; ``name`` begins with the app's."""
        self.merge.notes.setdefault(name, []).extend(values)


@dataclass(frozen=True)
class Parting:
    """An undo under way, both people held and what was moved moved back."""

    merge: Merge
    survivor: Customer
    loser: Customer
    at: datetime

    def move_back(
        self,
        model: type[Model],
        *,
        column: str = "customer",
        source: int | None = None,
        target: int | None = None,
        also: Collection[int] = (),
    ) -> list[int]:
        """Move the listed rows that are still the survivor's back, and the ids in ``also``."""
        owner = _column(model, column)
        old, new = source or self.survivor.pk, target or self.loser.pk
        listed = self.moved(model, column=column)
        still = _rows_of(model, owner, old, among=[*listed, *also])
        if still:
            _move(model, owner, still, new)
        return still

    def moved(self, model: type[Model], *, column: str = "customer") -> list[int]:
        """Return the ids of the rows that the merge moved."""
        lists = self.merge.moved.filter(table=model._meta.db_table, column=_column(model, column))
        return [row for rows in lists.values_list("rows", flat=True) for row in rows]

    def noted(self, name: str) -> list[Any]:
        return self.merge.notes.get(name, [])


def _column(model: type[Model], field: str) -> str:
    return _field(model, field).column


def _field(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)


def _rows_of(
    model: type[Model],
    owner: str,
    person: int,
    *,
    unless: int | None = None,
    once: Sequence[str] = (),
    among: Collection[int] | None = None,
) -> list[int]:
    """Lock and return the ids of somebody's rows, in order: nobody waits in a circle."""
    table = model._meta.db_table
    same = " AND ".join(
        f"other.{column} = mine.{column}" for column in (_column(model, name) for name in once)
    )
    second = (
        f"AND NOT EXISTS (SELECT FROM {table} other WHERE other.{owner} = %(unless)s AND {same})"
        if same
        else ""
    )
    listed = "AND mine.id = ANY(%(among)s::bigint[])" if among is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table} mine WHERE {owner} = %(person)s {second} {listed}"  # noqa: S608 -- our own tables
            " ORDER BY id FOR NO KEY UPDATE",
            {"person": person, "unless": unless, "among": list(among or ())},
        )
        return [row[0] for row in cursor.fetchall()]


def _move(model: type[Model], owner: str, rows: list[int], target: int) -> None:
    # The one function that append-only tables admit (common.append_only).
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT move_rows(%s, %s, %s, %s)", [model._meta.db_table, owner, rows, target]
        )


@transaction.atomic
def merge(
    survivor: Customer,
    loser: Customer,
    *,
    picks: Mapping[str, Pick] | None = None,
    by: User | ApiKey | None,
    at: datetime,
) -> Merge:
    """Make one person of two records: all of the loser's becomes the survivor's.

    ``picks`` says whose value stays, by field; what it leaves out is decided as
    ``customers.rules.merging.default_picks`` proposes. Merging the same two again returns the
    first merge. Raises NobodyElse, CustomerErased and MergedAlready.
    """
    survivor, loser = _held(survivor, loser)
    if earlier := Merge.objects.filter(loser=loser, survivor=survivor, undone_at=None).first():
        return earlier
    _refuse(survivor, loser)
    record = Merge.objects.create(
        survivor=survivor,
        loser=loser,
        merged_at=at,
        merged_by=by if isinstance(by, User) else None,
    )
    joining = Joining(record, survivor, loser, at)
    _bring_over(joining)
    _unite(joining, picks or {})
    _decide(survivor, loser, state=CandidateState.MERGED, since=CandidateState.OPEN, by=by, at=at)
    _add_up(survivor, loser)
    record.save()
    record_event(
        survivor,
        kind="customers.merged",
        at=at,
        reference=f"merge:{record.pk}:merged",
        data={"customer": loser.external_id},
    )
    taken = [name for name, pick in record.picks.items() if pick != Pick.SURVIVOR]
    audit("customers.merged", survivor, at=at, by=by, fields=taken)
    audit("customers.merged_away", loser, at=at, by=by)
    return record


def _bring_over(joining: Joining) -> None:
    for part in merge_parts():
        part.before(joining)
    for holding in holdings():
        if holding.merging == Merging.MOVES:
            joining.move(holding.model, column=holding.person, once=holding.once)
    for part in merge_parts():
        part.join(joining)


def bring_latecomers(*, at: datetime) -> None:
    """Move what was written for a loser by somebody who did not know of the merge yet.

    A file that was judged before it, a request under way: nobody is kept waiting for them. To be
    done now and then; looks at the merges of the last days, each in a transaction of its own.
    """
    recent = Merge.objects.filter(undone_at=None, merged_at__gte=at - LATEST)
    for record in recent.select_related("survivor", "loser"):
        if any(holding.merging == Merging.MOVES for holding, _rows in held(record.loser)):
            _bring_latecomers(record, at=at)


@transaction.atomic
def _bring_latecomers(record: Merge, *, at: datetime) -> None:
    survivor, loser = _held(record.survivor, record.loser)
    record = Merge.objects.select_for_update().get(pk=record.pk)
    if record.undone_at or survivor.merged_into_id:
        return
    _bring_over(Joining(record, survivor, loser, at))
    _add_up(survivor, loser)
    record.save()


def _add_up(*people: Customer) -> None:
    ids = [person.pk for person in people]
    refresh_metrics(ids)
    refresh_touches(ids)


def _held(*people: Customer) -> list[Customer]:
    """Lock the people in the order of their ids, and return them as they are by now."""
    locked = Customer.objects.select_for_update(no_key=True).filter(
        pk__in={person.pk for person in people}
    )
    by_id = {person.pk: person for person in locked.order_by("pk")}
    return [by_id[person.pk] for person in people]


def _refuse(survivor: Customer, loser: Customer) -> None:
    if survivor.pk == loser.pk:
        raise NobodyElse(_("This is the same record; choose another one."), field="loser")
    for person in (survivor, loser):
        if person.erased_at:
            raise CustomerErased(
                _("%(number)s was erased: nobody can be merged with it.")
                % {"number": person.external_id}
            )
        if person.merged_into_id:
            raise MergedAlready(
                _("%(number)s was merged into another record already.")
                % {"number": person.external_id}
            )


def facts(customer: Customer) -> dict[str, Any]:
    """Return what the record says, by the fields that are picked."""
    return {name: getattr(customer, name) for name in PICKED}


def proposed_picks(survivor: Customer, loser: Customer) -> dict[str, Pick]:
    return default_picks(
        facts(survivor), facts(loser), loser_is_newer=loser.updated_at > survivor.updated_at
    )


def _unite(joining: Joining, picks: Mapping[str, Pick]) -> None:
    """Write what the merged person's record says, and keep what it said before."""
    survivor, loser, record = joining.survivor, joining.loser, joining.merge
    record.picks = {**proposed_picks(survivor, loser), **picks}
    now = _united(facts(survivor), loser, record.picks)
    now["registered_at"] = min(survivor.registered_at, loser.registered_at)
    now["stage"] = further(survivor.stage, loser.stage)
    for name, value in now.items():
        if (was := getattr(survivor, name)) != value:
            record.before[name] = was.isoformat() if isinstance(was, date) else was
            setattr(survivor, name, value)
    save_customer(survivor, at=joining.at)
    # Saved apart: of the loser nothing else is touched.
    Customer.objects.filter(pk=loser.pk).update(merged_into=survivor, updated_at=joining.at)


def _united(known: Mapping[str, Any], loser: Customer, picks: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: united(Pick(picks[name]), value, getattr(loser, name))
        for name, value in known.items()
    }


def _decide(
    *people: Customer,
    state: CandidateState,
    since: CandidateState,
    by: User | ApiKey | None = None,
    at: datetime | None = None,
) -> None:
    """Note on the pair, if it was found as a possible duplicate, what became of it."""
    first, second = sorted(person.pk for person in people)
    DuplicateCandidate.objects.filter(first=first, second=second, state=since).update(
        state=state, decided_at=at, decided_by=by if isinstance(by, User) else None
    )


@transaction.atomic
def unmerge(record: Merge, *, by: User | None, at: datetime) -> Merge:
    """Make two people of one again: what was moved goes back, and only that.

    What happened since stays with the survivor; a field that was changed since stays changed. A
    repeat changes nothing. Raises CannotUndo, and what apps refuse.
    """
    survivor, loser = _held(record.survivor, record.loser)
    record = Merge.objects.select_for_update().get(pk=record.pk)
    if record.undone_at:
        return record
    if why := why_not_undone(survivor, loser):
        raise CannotUndo(why)
    parting = Parting(record, survivor, loser, at)
    for holding in holdings():
        if holding.merging == Merging.MOVES:
            parting.move_back(holding.model, column=holding.person)
    for part in merge_parts():
        part.part(parting)
    _separate(parting)
    _decide(survivor, loser, state=CandidateState.OPEN, since=CandidateState.MERGED)
    _add_up(survivor, loser)
    record.undone_at, record.undone_by = at, by
    record.save()
    for person in (survivor, loser):
        record_event(
            person,
            kind="customers.unmerged",
            at=at,
            reference=f"merge:{record.pk}:undone:{person.pk}",
            data={"customer": (loser if person is survivor else survivor).external_id},
        )
        audit("customers.unmerged", person, at=at, by=by, fields=record.before)
    return record


def why_not_undone(survivor: Customer, loser: Customer) -> str:
    """Return why a merge of these two cannot be undone now, or '' when nothing is in the way."""
    if survivor.erased_at or loser.erased_at:
        return _("One of the two was erased; what is gone cannot be divided.")
    if survivor.merged_into_id:
        return _("%(number)s was itself merged into another record later; undo that first.") % {
            "number": survivor.external_id
        }
    return ""


def _separate(parting: Parting) -> None:
    """Give the survivor's record back what it said, where nobody changed it since."""
    survivor, loser, record = parting.survivor, parting.loser, parting.merge
    before = {
        name: _field(Customer, name).to_python(value) for name, value in record.before.items()
    }
    picked = {name: value for name, value in before.items() if name in PICKED}
    then = _united(picked, loser, record.picks)
    if "registered_at" in before:
        then["registered_at"] = loser.registered_at
    if "stage" in before:
        then["stage"] = further(before["stage"], loser.stage)
    for name, value in before.items():
        if getattr(survivor, name) == then[name]:
            setattr(survivor, name, value)
    save_customer(survivor, at=parting.at)
    Customer.objects.filter(pk=loser.pk).update(merged_into=None, updated_at=parting.at)
