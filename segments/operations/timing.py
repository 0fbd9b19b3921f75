"""What time alone changes: instants on the due list, ends of permissions, days that begin."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db.models import Max, Min

from customers.models import ConsumerPosition, Customer
from segments.compiler.people import Between, People, Those
from segments.compiler.together import Questions, rests_on
from segments.enums import SweepReason
from segments.models import Due, Profile, Round, Segment, Sweep
from segments.operations.reconsidering import reconsider
from segments.operations.sweeping import CHUNK, READER, ask_for_sweep, live, misplaced

PEOPLE_AT_ONCE = 5_000
LIVING_THERE = "SELECT customer_id FROM segments_profile WHERE timezone = ANY(%(zones)s)"


def follow_the_clock(*, clock: Callable[[], datetime]) -> None:
    """Ask again whoever may be answered otherwise by now; nobody else is looked at.

    After a night without us, whatever the night changed is found. Done twice at once, nothing is
    written twice.
    """
    at = clock()
    known, _is_new = Round.objects.get_or_create(
        defaults={"asked_upto": at, "rests_on": rests_on()}
    )
    while ids := _due(at=at):
        reconsider(ids, at=at)
    _ask_of_new_days(known.asked_upto, at)
    if known.rests_on != (now := rests_on()):
        ask_for_sweep(SweepReason.RULES, at=at)
    Round.objects.update(asked_upto=at, rests_on=now)
    _say_up_to_when(at)


def _say_up_to_when(at: datetime) -> None:
    """Write down up to when the members are right: now, or when what is left unread was told.

    What waits for everybody to be looked at is left as well; a proof is expected to find nothing.
    """
    reached = ConsumerPosition.objects.with_unread_since().filter(name=READER).first()
    if reached is None:
        return
    sweeps = Sweep.objects.waiting().exclude(reason=SweepReason.PROOF)
    waiting = sweeps.aggregate(since=Min("asked_at"))["since"]
    upto = min(filter(None, [at, reached.unread_since, waiting]))
    Segment.objects.live().filter(refreshed_at__lt=upto).update(refreshed_at=upto)


def _due(*, at: datetime) -> list[int]:
    due = Due.objects.filter(at__lte=at).order_by("at").values_list("pk", flat=True)
    ending = Profile.objects.filter(stands_until__lte=at).order_by("stands_until")
    return [*due[:PEOPLE_AT_ONCE], *ending.values_list("pk", flat=True)[:PEOPLE_AT_ONCE]]


def _ask_of_new_days(since: datetime, at: datetime) -> None:
    """Ask what changes when a day begins: of everybody in the shop's, of others where they are."""
    turned = days_begun(since, at)
    rules = live(at=at)
    if days := turned.pop(settings.SHOP_TIME_ZONE, None):
        of_the_day = [it.segment for it in rules if it.by_the_day or it.turns & days]
        for after in range(0, _last_id(), CHUNK):
            # Read anew: one that fails is asked no more.
            _ask(live(at=at).only(of_the_day), Between(after, after + CHUNK), at=at)
    of_their_day = [it.segment for it in rules if it.by_the_day and it.by_their_day]
    if turned:
        there = Those(LIVING_THERE, {"zones": sorted(turned)})
        _ask(live(at=at).only(of_their_day), there, at=at)


def days_begun(since: datetime, at: datetime) -> dict[str, frozenset[date]]:
    """Return the days that began after one instant, up to another, by time zone."""
    begun = {}
    for name in available_timezones() | {settings.SHOP_TIME_ZONE}:
        zone = ZoneInfo(name)
        first, last = since.astimezone(zone).date(), at.astimezone(zone).date()
        if days := (last - first).days:
            begun[name] = frozenset(first + timedelta(days=n + 1) for n in range(days))
    return begun


def _last_id() -> int:
    return Customer.objects.aggregate(last=Max("pk"))["last"] or 0


def _ask(rules: Questions, people: People, *, at: datetime) -> None:
    for level in rules.levels:
        found = misplaced(level, people, at=at)
        for start in range(0, len(found), PEOPLE_AT_ONCE):
            reconsider(found[start : start + PEOPLE_AT_ONCE], at=at)
