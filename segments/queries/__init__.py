from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache, cached_property
from graphlib import TopologicalSorter

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext

from common.discovery import declared
from common.enums import Language
from consent.models import Purpose
from customers.enums import Category
from customers.models import Customer, CustomerQuerySet
from segments.enums import SweepReason
from segments.models import (
    Handpick,
    Membership,
    MembershipQuerySet,
    Segment,
    SegmentQuerySet,
    Sweep,
)
from segments.rules import (
    BadRule,
    Family,
    Rule,
    Trait,
    read_rule,
    sentence,
    with_choices_kept,
)
from segments.rules.sameness import meaning


class Traits(Mapping[str, Trait]):
    """Everything that a rule may ask, by code.

    What apps declare in ``traits.py: TRAITS`` is known; what staff declare in tables (``FAMILIES``
    names what reads it) is read when one of the family is first asked for, and only once: one for
    each piece of work, so that no process keeps what another has changed.
    """

    def __init__(self) -> None:
        self._read: dict[str, dict[str, Trait]] = {}
        self._asked: dict[str, Trait] = {}

    def __getitem__(self, code: str) -> Trait:
        # A rule may name five hundred tiers sixty times; which there are is asked once.
        if code not in self._asked:
            self._asked[code] = with_choices_kept(self._declared(code))
        return self._asked[code]

    def _declared(self, code: str) -> Trait:
        # Of two with one code, that of the app knows more of what it tells.
        if known := _traits_of_apps().get(code):
            return known
        for family in _families():
            if code.startswith(family.prefix) and (found := self._of(family).get(code)):
                return found
        raise KeyError(code)

    def __iter__(self) -> Iterator[str]:
        return iter(self._every)

    def __len__(self) -> int:
        return len(self._every)

    @cached_property
    def _every(self) -> dict[str, Trait]:
        found: dict[str, Trait] = {}
        for family in _families():
            found |= self._of(family)
        return found | _traits_of_apps()

    def _of(self, family: Family) -> dict[str, Trait]:
        if family.prefix not in self._read:
            self._read[family.prefix] = {trait.code: trait for trait in family.read()}
        return self._read[family.prefix]


@cache
def _families() -> tuple[Family, ...]:
    return declared("traits", "FAMILIES")


@cache
def _traits_of_apps() -> dict[str, Trait]:
    return {trait.code: trait for trait in declared("traits", "TRAITS")}


def traits() -> Traits:
    """Return everything that a rule may ask now; what staff declared is read when asked for."""
    return Traits()


def categories_of_segments(ids: Iterable[int]) -> frozenset[Category]:
    """Return which data these segments use, and the segments that their rules ask for."""
    known = traits()
    segments = Segment.objects.filter(pk__in=ids)
    return frozenset[Category]().union(*(data_of(segment, known) for segment in segments))


def data_of(segment: Segment, known: Traits | None = None) -> frozenset[Category]:
    """Return which data the segment's rule uses, or chose the people of a list.

    A rule that is none any more uses everything: nobody may be looked at through it.
    """
    kept = frozenset(map(Category, segment.data_used))
    if segment.is_list:
        return kept
    try:
        return kept | read_rule(segment.rule, traits() if known is None else known).categories
    except BadRule:
        return frozenset(Category)


def using(category: Category) -> SegmentQuerySet:
    """Return the segments that use this kind of data; every rule is read for it."""
    known = traits()
    found = [it.pk for it in Segment.objects.all() if category in data_of(it, known)]
    return Segment.objects.filter(pk__in=found)


def asked_for(segment: Segment, known: Traits | None = None) -> frozenset[int]:
    """Return the segments, by id, whose members the segment's rule asks for."""
    try:
        return read_rule(segment.rule, traits() if known is None else known).segments
    except BadRule:
        return frozenset()


def in_order(segments: Iterable[Segment]) -> list[Segment]:
    """Return the segments so that each comes after those it asks for; else as they came."""
    known = traits()
    by_id = {segment.pk: segment for segment in segments}
    asks = {pk: asked_for(segment, known) & by_id.keys() for pk, segment in by_id.items()}
    return [by_id[pk] for pk in TopologicalSorter(asks).static_order()]


def members(segment: Segment) -> CustomerQuerySet:
    """Return who is in the segment now, as of its last refresh."""
    return Customer.objects.present().filter(
        memberships__segment=segment,
        memberships__left_at=None,
        memberships__segment__filled_at__isnull=False,
    )


def filled_percent(segment: Segment) -> int | None:
    """Return how far the first fill has come, from 0 to 99; None when there is none under way."""
    if segment.filled_at or not segment.filled_upto:
        return None
    last = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    return min(99, 100 * segment.filled_upto // max(last, 1))


def stays(segment: Segment) -> QuerySet[Membership]:
    """Return the memberships that stand, by customer, so that a page goes on where one ended."""
    standing = segment.memberships.standing().filter(
        customer__erased_at=None, customer__merged_into=None
    )
    return standing.select_related("customer").order_by("customer_id")


def stays_as_of(segment: Segment, at: datetime) -> QuerySet[Membership]:
    """Return the stays of those who were in the segment at a moment, the earliest first."""
    stood = segment.memberships.filter(Q(left_at=None) | Q(left_at__gt=at), entered_at__lte=at)
    known = stood.filter(customer__erased_at=None, customer__merged_into=None)
    return known.select_related("customer").order_by("entered_at", "customer_id")


def members_as_of(segment: Segment, at: datetime) -> CustomerQuerySet:
    """Return who was in the segment at a moment, of those whom we still know."""
    return Customer.objects.filter(pk__in=stays_as_of(segment, at).values("customer"))


def stays_of(customer: Customer) -> MembershipQuerySet:
    """Return a customer's memberships with their segments, those that ended as well."""
    return Membership.objects.filter(customer=customer).select_related("segment__purpose")


def decided_by_hand(segment: Segment, customer: Customer) -> Handpick | None:
    """Return what stands of a customer in a segment whatever its rule says."""
    picks = Handpick.objects.standing().filter(segment=segment, customer=customer)
    return picks.select_related("by", "api_key").first()


def segments_beside(customer: Customer, *, text: str = "") -> SegmentQuerySet:
    """Return the segments whose name contains the text, those that the customer is in first."""
    theirs = Membership.objects.standing().filter(segment=OuterRef("pk"), customer=customer)
    segments = Segment.objects.annotate(entered_at=Subquery(theirs.values("entered_at")[:1]))
    found = segments.filter(name__icontains=text) if text else segments
    return found.order_by(IsNull(F("entered_at"), True), "name")


def sentence_of(segment: Segment, known: Traits | None = None) -> str:
    """Return the segment's rule in words, or why it is none any more; of a list, where it is from.

    A list of segments hands over its ``traits()``, so that they are read once.
    """
    if segment.is_list:
        return _sentence_of_list(segment)
    try:
        return sentence(read_rule(segment.rule, traits() if known is None else known))
    except BadRule as refusal:
        return refusal.message


def _sentence_of_list(segment: Segment) -> str:
    words = segment.origin_words
    if not (words and segment.origin_as_of):
        return gettext("A list kept by hand.")
    day = date_format(localtime(segment.origin_as_of), "SHORT_DATETIME_FORMAT")
    told = {"name": words["name"], "day": day, "words": words.get(get_language() or "", "")}
    return gettext("The members of “%(name)s” as of %(day)s, kept as a list. (%(words)s)") % told


def rule_of(segment: Segment, known: Traits | None = None) -> Rule:
    """Return what the segment asks; of a list, who is in it. Raises BadRule."""
    return read_rule(segment.meaning, traits() if known is None else known)


def in_every_language(segment: Segment) -> dict[str, str]:
    """Return the segment's rule in words, by language."""
    known = traits()
    words = {}
    for language in Language:
        with translation.override(language):
            words[language.value] = sentence_of(segment, known)
    return words


def profiles_are_kept() -> bool:
    """Say whether the flat profiles may be counted by: of everybody, and seconds late at most.

    Everybody was looked at once, and nobody waits to be because very many changed.
    """
    behind = Sweep.objects.waiting().exclude(reason=SweepReason.PROOF)
    return Sweep.objects.filter(finished_at__isnull=False).exists() and not behind.exists()


def same_as(rule: Rule, *, purpose: Purpose, besides: Segment | None = None) -> list[Segment]:
    """Return the other segments of the purpose whose rule is only written in another way."""
    wanted, known = meaning(rule.root), traits()
    others = Segment.objects.ruled().filter(purpose=purpose)
    return [it for it in others if it != besides and _meaning_of(it, known) == wanted]


def _meaning_of(segment: Segment, known: Traits) -> Hashable | None:
    """Return nothing for a rule that asks for what is gone."""
    try:
        return meaning(rule_of(segment, known).root)
    except BadRule:
        return None


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let no statement inside run longer: the database gives up with OperationalError.

    Afterwards the time is again what it was, such as that of the patience around this one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        (earlier,) = cursor.fetchone()
        _give(cursor, str(round(seconds * 1000)))
        yield
        _give(cursor, earlier)


def _give(cursor: CursorWrapper, time: str) -> None:
    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [time])
