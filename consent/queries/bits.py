"""What people answered as numbers, for tables that keep it beside other facts of a person.

Such a table is an index: whatever is sent, shown or handed out is asked of ``predicate`` again.
"""

from collections.abc import Mapping

from django.db.models import BooleanField, Case, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from consent.enums import Channel, LegalBasis
from consent.models import ALWAYS, Purpose
from customers.enums import Category

# They stand in tables: a new one comes last, and none goes.
COLUMNS = (
    *(f"channel_{name}" for name in ("email", "sms", "whatsapp", "push", "post")),
    *(
        f"data_{name}"
        for name in (
            "identity", "contact", "demographic", "purchase", "browsing", "search", "in_store",
            "location_coarse", "location_precise", "sensitive", "inferred",
        )
    ),
)  # fmt: skip
BITS = {column: 1 << place for place, column in enumerate(COLUMNS)}


class Bit(Func):
    """Some bits of the number at a purpose's place, 0 where there is none."""

    template = "(coalesce((%(expressions)s)[%(place)d], 0) & %(bit)d)"
    output_field = IntegerField()


def answers_sql(places: Mapping[str, int]) -> str:
    """Return a query of what customers answered, by ``customer_id``, that wants a GROUP BY.

    ``allowed`` and ``refused`` are arrays with a number for each purpose, by its place from 1 on.
    A permission that has ended by ``clock.at``, a table of one row that the statement has, allows
    nothing; ``ends_at`` is when the first of the others does.
    """
    bits = BITS.items()
    allowed = " + ".join(f"CASE WHEN {column} THEN {bit} ELSE 0 END" for column, bit in bits)
    refused = " + ".join(f"CASE WHEN NOT {column} THEN {bit} ELSE 0 END" for column, bit in bits)
    order = sorted(places, key=lambda code: places[code])

    def numbers(bits: str) -> str:
        each = (f"max({bits}) FILTER (WHERE purpose_id = '{code}')" for code in order)
        return f"ARRAY[{', '.join(each)}]::integer[]"

    stands = f"CASE WHEN valid_until > clock.at THEN {allowed} ELSE 0 END"
    return (
        f"SELECT customer_id, {numbers(stands)} AS allowed, {numbers(refused)} AS refused,"  # noqa: S608
        f" min(valid_until) FILTER (WHERE valid_until > clock.at AND valid_until < '{ALWAYS}')"
        " AS ends_at FROM consent_permission, clock"
    )


def freed_sql(within: str) -> str:
    """Return a query of ``customer_id`` and ``at``, when the first restriction ends by itself."""
    return (
        "SELECT customer_id, min(until) AS at FROM consent_restriction, clock"  # noqa: S608
        f" WHERE lifted_at IS NULL AND until > clock.at AND {within} GROUP BY customer_id"
    )


def may_use_flat(*categories: Category, purpose: Purpose, place: int) -> Q:
    """As ``predicate.may_use``, of rows with ``allowed`` and ``refused``; one look for all."""
    bits = sum(BITS[f"data_{category.value}"] for category in categories)
    if purpose.needs_opt_in:
        return _about_half(Exact(Bit(F("allowed"), place=place, bit=bits), bits))
    return _about_half(Exact(Bit(F("refused"), place=place, bit=bits), 0))


def _about_half(condition: Exact) -> Q:
    """Let the planner expect every other row, not one in two hundred, as where x & y = z."""
    return Q(Coalesce(condition, Value(False), output_field=BooleanField()))


def allowed_by_name_flat(purpose: Purpose, *, place: int) -> Q:
    """As ``sensitive.allowed_by_name``."""
    if purpose.basis != LegalBasis.CONSENT:
        return Q(pk__isnull=True)
    return ~Q(Exact(_bit("allowed", "data_sensitive", place), 0))


def answer_flat(channel: Channel, *, place: int) -> Case:
    """Return what was answered about a channel; NULL for nothing."""
    column = f"channel_{channel.value}"
    return Case(
        When(~Q(Exact(_bit("allowed", column, place), 0)), then=Value(True)),
        When(~Q(Exact(_bit("refused", column, place), 0)), then=Value(False)),
    )


def _bit(numbers: str, column: str, place: int) -> Bit:
    return Bit(F(numbers), place=place, bit=BITS[column])
