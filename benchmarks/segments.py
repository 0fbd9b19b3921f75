"""Rules of segments, counted by ours and by hand over the same large shop.

Both sides ask the flat profiles, through the same permissions, and must count the same.
"""

import statistics
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from benchmarks.live import live_rows
from benchmarks.race import Result, median_seconds, seconds
from benchmarks.shop import NOW, open_shop
from benchmarks.twelve import RACES, Race
from consent.models import Purpose
from consent.queries.bits import BITS
from segments.compiler import FlatCompiler, count, profiles_matching
from segments.models import PurposePlace
from segments.operations.profiles import write_all_profiles
from segments.queries import traits
from segments.rules import Rule, read_rule
from segments.rules.calendar import zones_on_other_days

# Of age, and not restricted.
BY_HAND = """
SELECT count(*) FROM segments_profile c
WHERE (c.birth_date <= '2008-06-15' OR c.birth_date IS NULL)
  AND NOT EXISTS (SELECT FROM consent_restriction r WHERE r.customer_id = c.customer_id
                  AND r.lifted_at IS NULL AND r.since <= %(now)s
                  AND (r.until IS NULL OR r.until > %(now)s))
  AND
"""


def prepare() -> None:
    open_shop()
    if write_all_profiles(at=NOW):
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE segments_profile")


def run() -> Iterator[Result]:
    known, purpose = traits(), Purpose.objects.get(pk="marketing")
    for race in RACES:
        rule = read_rule(race.rule, known)
        ours, theirs = partial(_ask, *_written(rule, purpose)), partial(_by_hand, race)
        if ours() != theirs():
            raise RuntimeError(f"{race.name}: {ours():,} by the rule, {theirs():,} by hand")
        took, by_hand = (round(1000 * it, 1) for it in median_seconds(ours, theirs))
        yield Result(race.name, took, "ms", "the same by hand", by_hand)
        yield Result("the same", took, "ms", "limit", race.limit)
    writing = [seconds(partial(_written, read_rule(it.rule, known), purpose)) for it in RACES]
    middle = round(1000 * statistics.median(writing), 1)
    yield Result("writing the query of each, the median rule", middle, "ms", "limit", 10)
    funnels = [seconds(partial(_every_part, race, purpose)) for race in RACES]
    middle = round(1000 * statistics.median(funnels))
    yield Result("every part of each, the median rule", middle, "ms", "limit", 1000)
    yield from live_rows()


def _every_part(race: Race, purpose: Purpose) -> None:
    """Count as the builder does when it has said the total."""
    rule = read_rule(race.rule, traits())
    count(rule, purpose=purpose, at=NOW, compile_with=FlatCompiler)


def _written(rule: Rule, purpose: Purpose) -> tuple[str, tuple[Any, ...]]:
    """Return the query that counts; a hand has written its own as well when the race begins."""
    query, values = profiles_matching(rule, purpose=purpose, at=NOW).query.sql_with_params()
    return f"SELECT count(*) FROM ({query}) AS meant", values  # noqa: S608 -- our own words


def _ask(query: str, values: tuple[Any, ...] | dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])


def _by_hand(race: Race) -> int:
    return _ask(by_hand(race), {"now": NOW})


def by_hand(race: Race) -> str:
    return BY_HAND + race.by_hand.format(**_words())


def _words() -> dict[str, str]:
    place = PurposePlace.objects.get(purpose="marketing").place
    may = {
        name.removeprefix("data_"): f"c.allowed[{place}] & {bit} <> 0"
        for name, bit in BITS.items()
    }
    email = BITS["channel_email"]
    others = zones_on_other_days(NOW, zone=ZoneInfo(settings.SHOP_TIME_ZONE))
    return may | {
        "zones_ahead": "'{{{}}}'".format(",".join(others[NOW.date() + timedelta(days=1)])),
        "standing": "o.status IN ('placed', 'partially_returned')",
        "email": f"c.allowed[{place}] & {email} <> 0",
        "no_email": f"coalesce(c.refused[{place}] & {email} <> 0, false)",
    }
