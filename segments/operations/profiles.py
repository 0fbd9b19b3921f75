"""Flat profiles follow the tables that they are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from consent.models import Purpose
from consent.queries.bits import answers_sql, freed_sql
from consent.queries.settings import privacy_settings
from customers.models import Customer, CustomerQuerySet
from customers.rules.birth_dates import FIRST_KNOWN_YEAR
from segments.models import PurposePlace
from segments.queries import traits

# Beside what traits name: read by expressions over a profile's columns.
READ_BY_EXPRESSIONS = ("attributes", "timezone")
CHUNK = 50_000

# When somebody is of age, by the shop's day, if that is to come. Whoever was born on 29 February
# is so on 1 March, as consent.queries.predicate says.
OF_AGE = """
    (SELECT of_age.at FROM (SELECT (greatest(
        wanted.birth_date + make_interval(years => %s),
        (wanted.birth_date - 1) + make_interval(years => %s, days => 1)
    ) AT TIME ZONE %s) AS at) of_age
    WHERE of_age.at > clock.at AND wanted.birth_date >= %s)
"""


@dataclass(frozen=True)
class Difference:
    """How many profiles were missing, said something else, or were of nobody; and whose."""

    missing: int
    wrong: int
    surplus: int
    customers: frozenset[int] = field(default=frozenset(), compare=False)

    def __bool__(self) -> bool:
        return any((self.missing, self.wrong, self.surplus))

    def __add__(self, other: "Difference") -> "Difference":
        return Difference(
            self.missing + other.missing,
            self.wrong + other.wrong,
            self.surplus + other.surplus,
            self.customers | other.customers,
        )


def sources() -> dict[str, str]:
    """Return from where, starting at the customer, each column of a profile is read."""
    flat = {trait.flat: trait.field for trait in traits().values() if trait.flat}
    return {**flat, **{name: name for name in READ_BY_EXPRESSIONS}}


@transaction.atomic
def write_profiles(ids: Iterable[int], *, at: datetime) -> Difference:
    """Bring the profiles of these customers in line, in one statement; write only what differs."""
    wanted = sorted(set(ids))
    return _write(Customer.objects.filter(pk__in=wanted), "customer_id = ANY(%s)", [wanted], at)


def write_all_profiles(*, at: datetime, chunk: int = CHUNK) -> Difference:
    """Bring every profile in line, so many customers at a time; say what was not.

    After a quiet night nothing differs: what does is a change that nobody told the timeline.
    """
    last = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    return write_profiles_between(0, last, at=at, chunk=chunk)


def write_profiles_between(
    after: int, upto: int, *, at: datetime, chunk: int = CHUNK
) -> Difference:
    """Bring the profiles of the customers after one id, up to another, in line, by chunks.

    Whoever changes meanwhile waits for a chunk at most.
    """
    parts = range(after, upto, chunk)
    written = (_write_between(it, min(it + chunk, upto), at=at) for it in parts)
    return sum(written, Difference(0, 0, 0))


@transaction.atomic
def _write_between(after: int, upto: int, *, at: datetime) -> Difference:
    people = Customer.objects.filter(pk__gt=after, pk__lte=upto)
    return _write(people, "customer_id > %s AND customer_id <= %s", [after, upto], at)


def _write(
    people: CustomerQuerySet, within: str, values: Sequence[int | list[int]], at: datetime
) -> Difference:
    _give_places()
    columns = sources()
    read = people.present().values_list("pk", *columns.values())
    select, read_with = read.query.sql_with_params()
    places = dict(PurposePlace.objects.values_list("purpose_id", "place"))
    names = [*columns, "allowed", "refused", "stands_until"]
    listed, of_whole = ", ".join(names), ", ".join(f"whole.{name}" for name in names)
    with connection.cursor() as cursor:
        # A writer that read before another wrote would write what was.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('segments_profile'))")
        cursor.execute(
            f"""
            WITH clock (at) AS (VALUES (%s::timestamptz)),
            wanted (customer_id, {", ".join(columns)}) AS MATERIALIZED ({select}),
            answers AS MATERIALIZED ({answers_sql(places)} WHERE {within} GROUP BY customer_id),
            whole AS MATERIALIZED (
                SELECT wanted.*, coalesce(answers.allowed, '{{}}') AS allowed,
                       coalesce(answers.refused, '{{}}') AS refused,
                       least(answers.ends_at, freed.at, {OF_AGE}) AS stands_until
                FROM wanted CROSS JOIN clock
                LEFT JOIN answers USING (customer_id)
                LEFT JOIN ({freed_sql(within)}) AS freed USING (customer_id)
            ), gone AS (
                DELETE FROM segments_profile kept
                WHERE {within}
                  AND NOT EXISTS (SELECT FROM whole WHERE whole.customer_id = kept.customer_id)
                RETURNING kept.customer_id
            ), mended AS (
                UPDATE segments_profile kept SET ({listed}, written_at) = ({of_whole}, clock.at)
                FROM whole, clock
                WHERE kept.customer_id = whole.customer_id
                  AND ({", ".join(f"kept.{name}" for name in names)})
                      IS DISTINCT FROM ({of_whole})
                RETURNING kept.customer_id
            ), come AS (
                INSERT INTO segments_profile (customer_id, {listed}, written_at)
                SELECT whole.customer_id, {of_whole}, clock.at FROM whole, clock
                WHERE NOT EXISTS (
                    SELECT FROM segments_profile kept
                    WHERE kept.customer_id = whole.customer_id
                )
                ORDER BY whole.customer_id
                RETURNING customer_id
            )
            SELECT (SELECT count(*) FROM come), (SELECT count(*) FROM mended),
                   (SELECT count(*) FROM gone),
                   (SELECT array_agg(customer_id) FROM (
                       TABLE come UNION ALL TABLE mended UNION ALL TABLE gone
                   ) AS touched)
            """,  # noqa: S608 -- the ORM's own SQL, its values apart
            [at, *read_with, *values, *_coming_of_age(), *values, *values],
        )
        missing, wrong, surplus, customers = cursor.fetchone()
    return Difference(missing, wrong, surplus, frozenset(customers or ()))


def _coming_of_age() -> list[int | str | date]:
    years = privacy_settings().age_of_consent
    return [years, years, settings.SHOP_TIME_ZONE, FIRST_KNOWN_YEAR]


def _give_places() -> None:
    """Give each purpose a place of its own among the answers."""
    for purpose in Purpose.objects.filter(purposeplace=None).order_by("code"):
        last = PurposePlace.objects.aggregate(last=Max("place"))["last"] or 0
        PurposePlace.objects.get_or_create(purpose=purpose, defaults={"place": last + 1})
