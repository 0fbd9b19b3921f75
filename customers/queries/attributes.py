"""Which attributes there are, and how many customers have a value."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    DecimalField,
    Expression,
    F,
    Func,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact

from customers.enums import AttributeType
from customers.models import AttributeDefinition, Customer
from customers.queries.gathering import Rows
from customers.queries.search import plain
from customers.rules.attributes import Attribute

# The list of attributes reads about so many customers and reckons from them, however many
# there are.
READ_TO_COUNT = 50_000
MOST_SUGGESTED = 20


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


def attribute_value(attribute: Attribute) -> Expression:
    """Return what reads the attribute of a customer in a query, as a value of its own type.

    A day is its first moment in the shop's time zone. What is not known is NULL, or empty of a
    text, a choice or a list; so is what does not fit the type, which must not fail a query.
    """
    text = Func(
        F("attributes"),
        Value(attribute.code),
        function="jsonb_extract_path_text",
        output_field=TextField(),
    )
    match attribute.type:
        case AttributeType.NUMBER | AttributeType.MONEY:
            number = Cast(text, DecimalField(max_digits=18, decimal_places=3))
            fits = Q(_is_of(attribute, "number"), _can_be(text, "numeric(18,3)"))
            return Case(When(fits, then=number))
        case AttributeType.BOOLEAN:
            return Case(When(_is_of(attribute, "boolean"), then=Cast(text, BooleanField())))
        case AttributeType.DATE:
            return Case(When(_can_be(text, "date"), then=_first_moment(text)))
        case AttributeType.MOMENT:
            return Case(When(_can_be(text, "timestamptz"), then=Cast(text, DateTimeField())))
        case AttributeType.LIST:
            return _words_of(attribute)
    return Coalesce(text, Value(""), output_field=TextField())


def _is_of(attribute: Attribute, type_: str) -> Exact:
    value = Func(F("attributes"), Value(attribute.code), function="jsonb_extract_path")
    return Exact(Func(value, function="jsonb_typeof", output_field=TextField()), type_)


def _can_be(text: Expression, type_: str) -> Func:
    return Func(text, Value(type_), function="pg_input_is_valid", output_field=BooleanField())


def _first_moment(text: Expression) -> Func:
    return Func(
        Value(settings.SHOP_TIME_ZONE),
        text,
        template="timezone(%(expressions)s::timestamp)",
        output_field=DateTimeField(),
    )


def _words_of(attribute: Attribute) -> Func:
    words = Func(
        F("attributes"),
        Value(f'$."{attribute.code}"[*]'),
        template="jsonb_path_query_array(%(expressions)s::jsonpath)",
    )
    return Func(
        words,
        template="ARRAY(SELECT jsonb_array_elements_text(%(expressions)s))",
        output_field=ArrayField(TextField()),
    )


def attribute_values(attribute: Attribute, text: str) -> list[str]:
    """Return a few values that contain the text, accents or not, from some of those there are."""
    having = Customer.objects.present().filter(attributes__has_key=attribute.code)
    values = having.values_list(f"attributes__{attribute.code}", flat=True)[:READ_TO_COUNT]
    words = {word for value in values for word in ([value] if isinstance(value, str) else value)}
    return [word for word in sorted(words) if plain(text.strip()) in plain(word)][:MOST_SUGGESTED]


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
