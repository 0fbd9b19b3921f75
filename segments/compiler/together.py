"""All live rules as one question: which segments is each of these customers meant for.

A rule's text is kept until something that it was written from changes, or a day begins in some
time zone: they all begin at a quarter of an hour.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from common.discovery import declared
from common.errors import DomainError
from consent.models import Purpose
from segments.compiler.columns import ColumnCompiler
from segments.compiler.flat import FlatCompiler
from segments.compiler.flips import changes_daily, coming, flips, goes_by_their_day, turns
from segments.compiler.people import ASKED
from segments.compiler.writing import (
    Moving,
    Written,
    join,
    moving,
    write_condition,
    write_query,
)
from segments.models import Segment
from segments.queries import Traits, traits
from segments.rules import Rule, read_rule

log = structlog.get_logger(__name__)

A_QUARTER = timedelta(minutes=15)
A_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
# How far ahead we look for what time changes: a night may be missed.
AHEAD = timedelta(hours=36)


@dataclass(frozen=True)
class Question:
    """A segment's rule, written.

    Its ``condition`` names columns, ``reads``, which are written once for all rules. ``asks`` are
    the segments, by id, whose members it asks for. ``by_the_day`` says that its
    answers may change when a day begins, ``by_their_day`` where the customer is; ``turns`` are the
    days of the shop on which they may as well.
    """

    segment: int
    purpose: str
    condition: Written
    reads: frozenset[str]
    flips: tuple[Written, ...]
    asks: frozenset[int]
    by_the_day: bool
    by_their_day: bool
    turns: frozenset[date]


@dataclass(frozen=True)
class Questions:
    """The rules that are asked together, and the ``columns`` that they name.

    ``failed`` says why a segment's could not be written.
    """

    by_segment: Mapping[int, Question]
    free: Mapping[str, Written]
    columns: Mapping[str, Written]
    failed: Mapping[int, Exception] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.by_segment.values())

    @property
    def segments(self) -> list[int]:
        return list(self.by_segment)

    def only(self, segments: Collection[int]) -> "Questions":
        kept = {pk: it for pk, it in self.by_segment.items() if pk in segments}
        return Questions(kept, self.free, self.columns)

    @cached_property
    def levels(self) -> list["Questions"]:
        """Divide them so that each rule comes after those whose members it asks for."""
        levels: list[Questions] = []
        left = set(self.by_segment)
        while left:
            now = {pk for pk in left if not self.by_segment[pk].asks & left - {pk}}
            # Whoever asks in a circle, which is refused when saved, is asked all the same.
            levels.append(self.only(now or left))
            left -= now or left
        return levels

    @cached_property
    def meant(self) -> Written:
        """A query of ``customer_id`` and ``segments``, an array in the order of the ids."""
        whole = sorted(self, key=lambda question: question.segment)
        places = {code: place for place, code in enumerate(sorted(self.free))}
        read = frozenset().union(*(question.reads for question in whole))
        columns = [
            *(_named(written, f"free_{places[code]}") for code, written in self.free.items()),
            *(_named(written, name) for name, written in self.columns.items() if name in read),
        ]
        cases = [
            Written(
                f"CASE WHEN free_{places[one.purpose]} AND {one.condition.sql}"
                f" THEN {one.segment} END",
                one.condition.distances,
            )
            for one in whole
        ]
        listed, asked = join(",\n", cases), join(",\n", columns)
        # OFFSET 0: what many rules ask is asked once, not beside each of them.
        sql = (
            "SELECT customer_id,"  # noqa: S608 -- the compiler's own SQL
            f" array_remove(ARRAY[{listed.sql}]::bigint[], NULL) AS segments"
            f" FROM (SELECT customer_id, {asked.sql} FROM segments_profile"
            f" WHERE customer_id IN ({ASKED}) OFFSET 0) AS said"
        )
        return Written(sql, listed.distances | asked.distances)

    @cached_property
    def next_flips(self) -> Written | None:
        """A query of ``customer_id`` and ``at``, the next instant at which an answer may change.

        None when time alone changes nothing.
        """
        every = list(dict.fromkeys(flip for question in self for flip in question.flips))
        if not every:
            return None
        found = join("\nUNION ALL\n", every)
        # At that very instant a window still holds; right after it, it does not.
        sql = (
            "SELECT customer_id, min(at) + interval '1 microsecond' AS at"  # noqa: S608
            f" FROM ({found.sql}) AS flipping (customer_id, at) GROUP BY customer_id"
        )
        return Written(sql, found.distances)


def questions(*, at: datetime) -> Questions:
    """Return the rules of all segments, written; those that cannot be are told apart."""
    key = (_version(), at - (at - A_BEGINNING) % A_QUARTER)
    if key not in _written:
        while len(_written) >= MOST_KEPT:
            _written.pop(next(iter(_written)))
        _written[key] = _write(Segment.objects.ruled().select_related("purpose"), at=moving(at))
    return _written[key]


_written: dict[tuple[str, datetime], Questions] = {}
MOST_KEPT = 3


def rests_on() -> str:
    """Return a text that is another one when something changes that many answers rest on.

    Beside the rules and what is known of customers: the rows of ``traits.py: RESTS_ON``.
    """
    tables = [
        f"SELECT md5(string_agg(t::text, '' ORDER BY t)) FROM {table} t"  # noqa: S608
        for table in declared("traits", "RESTS_ON")
    ]
    return f"{settings.SHOP_TIME_ZONE} {_digest(tables)}"


def _version() -> str:
    """Return a text that is another one when a rule would be written in other words."""
    rules = (
        "SELECT md5(string_agg(concat_ws(' ', id, purpose_id, archived_at, rule), '' ORDER BY id))"
        " FROM segments_segment"
    )
    return f"{connection.settings_dict['NAME']} {rests_on()} {_digest([rules])}"


def _digest(queries: Sequence[str]) -> str:
    told = " UNION ALL ".join(queries)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(string_agg(coalesce(md5, '-'), '')) FROM ({told}) AS told")  # noqa: S608
        (digest,) = cursor.fetchone()
    return digest


def _write(segments: Iterable[Segment], *, at: Moving) -> Questions:
    compilers: dict[str, ColumnCompiler] = {}
    columns: dict[Written, str] = {}
    written: dict[int, Question] = {}
    failed: dict[int, Exception] = {}
    known = traits()
    for segment in segments:
        code = segment.purpose.pk
        if code not in compilers:
            compilers[code] = _compiler(segment.purpose, columns, at=at)
        try:
            with transaction.atomic():
                written[segment.pk] = _question(segment, compilers[code], known)
        except DomainError as refusal:
            failed[segment.pk] = refusal
        # Whatever it is, one rule must not stop the others, nor go unseen.
        except Exception as error:
            log.exception("segment_rule_failed", segment=segment.pk)
            failed[segment.pk] = error
    free = {code: _free(compiler) for code, compiler in compilers.items()}
    return Questions(written, free, {name: it for it, name in columns.items()}, failed)


def _compiler(purpose: Purpose, columns: dict[Written, str], *, at: Moving) -> ColumnCompiler:
    return ColumnCompiler(purpose=purpose, at=at, among=RawSQL(ASKED, []), columns=columns)  # noqa: S611


def _free(compiler: FlatCompiler) -> Written:
    return write_condition(compiler.everybody().filter(compiler.free()), at=moving(compiler.at))


def _named(written: Written, name: str) -> Written:
    return Written(f"{written.sql} AS {name}", written.distances)


def _question(segment: Segment, compiler: ColumnCompiler, known: Traits) -> Question:
    rule = read_rule(segment.rule, known)
    at = moving(compiler.at)
    own = replace(compiler, named=set())
    found = own.everybody().filter(own.condition(rule.root))
    return Question(
        segment=segment.pk,
        purpose=segment.purpose.pk,
        condition=write_condition(found, at=at),
        reads=frozenset(own.named),
        flips=tuple(_flips(rule, compiler)),
        asks=rule.segments,
        by_the_day=any(changes_daily(it) for it in rule.conditions),
        by_their_day=any(goes_by_their_day(it) for it in rule.conditions),
        turns=frozenset(day for it in rule.conditions for day in turns(it)),
    )


def _flips(rule: Rule, compiler: FlatCompiler) -> Iterator[Written]:
    until = compiler.at + AHEAD
    for condition in rule.conditions:
        for flip in flips(condition, compiler):
            found = coming(flip, rule, compiler, until=until)
            if (query := write_query(found, at=moving(compiler.at))) is not None:
                yield query
