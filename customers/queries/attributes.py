"""Which attributes there are, and how many customers have a value."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from customers.models import AttributeDefinition
from customers.queries.gathering import Rows
from customers.rules.attributes import Attribute

# The list of attributes reads about so many customers and reckons from them, however many
# there are.
READ_TO_COUNT = 50_000


def attributes() -> dict[str, Attribute]:
    """Return the attributes in use by code, in the order of their names, in one query."""
    active = AttributeDefinition.objects.active().order_by("label", "code")
    return {definition.code: definition.as_attribute() for definition in active}


def attribute_rows() -> dict[str, Rows]:
    """Return what a page reads with its other rows, to show a customer's attributes."""
    active = AttributeDefinition.objects.active().order_by("label", "code")
    return {"attributes": Rows(active, ("id", "code", "label", "type", "category", "choices"))}


def zone_of_values() -> ZoneInfo:
    """Return where a moment without an offset is meant."""
    return ZoneInfo(settings.SHOP_TIME_ZONE)


def value_counts(*, most: int = READ_TO_COUNT) -> dict[str, int]:
    """Return how many customers have a value of each attribute, by code.

    Exact while there are no more than ``most`` customers; beyond that reckoned from pages of the
    table drawn by lot, so that a million costs no more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'customers_customer'::regclass")
        (known,) = cursor.fetchone()
        share = min(1.0, most / max(known, 1))
        cursor.execute(
            """
            SELECT key, count(*)
            FROM customers_customer TABLESAMPLE SYSTEM (%s),
                 jsonb_object_keys(attributes) AS key
            WHERE erased_at IS NULL GROUP BY key
            """,
            [share * 100],
        )
        return {code: _rounded(count / share, share) for code, count in cursor.fetchall()}


def _rounded(count: float, share: float) -> int:
    return round(count) if share == 1 else 100 * round(count / 100)


def is_in_use(code: str) -> bool:
    """Say whether any customer has a value; reads the whole table when nobody has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM customers_customer WHERE attributes ? %s)", [code]
        )
        (found,) = cursor.fetchone()
    return found


def words_in_use(code: str) -> set[str]:
    """Return every word that some customer has as value, or in the list that is the value."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT word
            FROM customers_customer, jsonb_array_elements_text(
                CASE jsonb_typeof(attributes -> %(code)s)
                    WHEN 'array' THEN attributes -> %(code)s
                    ELSE jsonb_build_array(attributes -> %(code)s)
                END
            ) AS word
            WHERE attributes ? %(code)s
            """,
            {"code": code},
        )
        return {word for (word,) in cursor.fetchall()}
