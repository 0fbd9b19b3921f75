"""Files of events: what happened to customers, held to what the events API is held to."""

from collections.abc import Iterable, Mapping

from django.db import connection
from django.utils.translation import gettext_lazy as _

from common.discovery import declared
from customers.enums import Category, CellType, FieldType
from customers.importers.people import customer_column
from customers.models import Customer
from customers.operations.imports import Chunk
from customers.operations.timeline import ring_after_commit
from customers.queries.sensitivity import IS_GOOD_TO_HIDE
from customers.queries.timeline import all_kinds
from customers.rules import TRACKED, Gate
from customers.rules.files import Check, Column, FileKind, plain
from customers.rules.telling import NAMING_GOODS

YES = ("true", "yes", "1", "sim", "s")
NO = ("false", "no", "0", "nao", "não", "n")
# What the text of a detail looks like that can be read as its type.
LOOKS = {
    FieldType.NUMBER: "^-?[0-9]{1,15}([.,][0-9]+)?$",
    FieldType.BOOLEAN: f"^({'|'.join((*YES, *NO))})$",
    FieldType.DATE: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    FieldType.MOMENT: (
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
        "(Z|[+-][0-9]{2}:?[0-9]{2})$"
    ),
}


def _kinds() -> Mapping[str, str]:
    return {plain(code): code for code in all_kinds()}


def _safe(sql: str, params: Iterable[object]) -> str:
    """Return SQL with its parameters in it, as text that is formatted and executed once more."""
    with connection.cursor() as cursor:
        text = cursor.mogrify(sql, tuple(params))
    return text.replace("%", "%%").replace("{", "{{").replace("}", "}}")


def _details() -> str:
    """Return SQL of all details that programs may tell, kind by kind: kind, name, type, looks."""
    rows = [
        (kind.code, detail.name, detail.type.value, LOOKS.get(detail.type, ""), detail.required)
        for kind in all_kinds().values()
        for detail in kind.fields or ()
    ]
    columns = zip(*rows, strict=True)
    unnested = "unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bool[])"
    return _safe(unnested, (list(column) for column in columns))


def _told() -> str:
    """Return SQL of the kinds whose details are described; what we write ourselves is free."""
    told = [kind.code for kind in all_kinds().values() if kind.fields is not None]
    return _safe("ANY(%s::text[])", [told])


def _missing() -> str:
    return f"""
        SELECT s.line, d.name FROM {{rows}} s
        JOIN {_details()} AS d(kind, name, type, looks, required) ON d.kind = s.kind
        WHERE d.required AND NOT coalesce(jsonb_exists(s.extra, d.name), false)
    """


def _unheard_of() -> str:
    return f"""
        SELECT s.line, said.name FROM {{rows}} s, jsonb_object_keys(s.extra) AS said(name)
        WHERE s.kind = {_told()} AND NOT EXISTS (
            SELECT FROM {_details()} AS d(kind, name, type, looks, required)
            WHERE d.kind = s.kind AND d.name = said.name
        )
    """


def _misread() -> str:
    return f"""
        SELECT s.line, said.name || ': ' || said.value
        FROM {{rows}} s, jsonb_each_text(s.extra) AS said(name, value)
        JOIN {_details()} AS d(kind, name, type, looks, required) USING (name)
        WHERE d.kind = s.kind AND (said.value !~* d.looks OR length(said.value) > 1000)
    """


def _not_permitted() -> str:
    """Return who is named with watched behaviour that they do not let us keep.

    The API counts such events without the name; a file is mended instead.
    """
    gates: dict[str, Gate] = {gate.category: gate for gate in declared("gates", "GATES")}
    parts = ["SELECT line, NULL::text FROM {rows} s WHERE false"]
    for category in sorted(TRACKED):
        kinds = [kind.code for kind in all_kinds().values() if kind.category == category]
        if kinds:
            parts.append(_without(f"s.kind = {_any_of(kinds)}", gates.get(category)))
    parts.append(_without(_names_sensitive_goods(), gates.get(Category.SENSITIVE)))
    return " UNION ALL ".join(parts)


def _without(of_these: str, gate: Gate | None) -> str:
    people = gate.permitting(Customer.objects.all()) if gate else Customer.objects.none()
    named = f"SELECT s.line, s.customer FROM {{rows}} s WHERE {of_these}"
    if gate is None:
        return named
    sql, params = people.order_by().values("pk").query.sql_with_params()
    return f"{named} AND s.customer_id NOT IN ({_safe(sql, params)})"


def _names_sensitive_goods() -> str:
    naming = _safe("ANY(%s::text[])", [sorted(NAMING_GOODS)])
    return f"""
        EXISTS (
            SELECT FROM jsonb_each_text(s.extra) AS told(name, value)
            WHERE told.name = {naming} AND {IS_GOOD_TO_HIDE}
        )
    """


def _any_of(kinds: list[str]) -> str:
    return _safe("ANY(%s::text[])", [kinds])


def _write_events(chunk: Chunk) -> None:
    yes = _safe("ANY(%s::text[])", [list(YES)])
    chunk.run(
        f"""
        INSERT INTO customers_event
            (kind, customer_id, occurred_at, recorded_at, data, reference, historic,
             imported_by_id)
        SELECT u.kind, customer_id, occurred_at, %(at)s, coalesce((
                   SELECT jsonb_object_agg(said.name, CASE d.type
                       WHEN 'number' THEN to_jsonb(replace(said.value, ',', '.')::numeric)
                       WHEN 'boolean' THEN to_jsonb(lower(said.value) = {yes})
                       ELSE to_jsonb(said.value) END)
                   FROM jsonb_each_text(u.extra) AS said(name, value)
                   LEFT JOIN {_details()} AS d(kind, name, type, looks, required)
                       ON d.kind = u.kind AND d.name = said.name
               ), jsonb_build_object()),
               reference, {chunk.job.historic}, %(job)s
        FROM {{units}} u WHERE known_id IS NULL ORDER BY occurred_at, n
        """
    )
    ring_after_commit()


EVENTS = FileKind(
    code="events",
    label=_("Events"),
    help=_("One row for each thing that happened to a customer; nothing is changed afterwards."),
    extra=_("Keep with the event"),
    columns=(
        Column(
            "kind",
            _("kind"),
            CellType.CHOICE,
            also=("event", "tipo", "evento", "type"),
            required=True,
            choices_now=_kinds,
        ),
        customer_column(),
        Column(
            "occurred_at",
            _("occurred at"),
            CellType.MOMENT,
            also=("data", "date", "timestamp", "ocorrido_em"),
            required=True,
            past=True,
        ),
        Column(
            "reference",
            _("reference"),
            also=("referencia", "event_id"),
            required=True,
            longest=128,
        ),
    ),
    key=("reference",),
    checks=(
        Check("not_permitted", "customer", _not_permitted),
        Check("detail_missing", "kind", _missing),
        Check("no_such_detail", "kind", _unheard_of),
        Check("wrong_detail", "kind", _misread),
    ),
    units="""
        SELECT s.*, t.id AS known_id, false AS differs
        FROM {rows} s LEFT JOIN customers_event t ON t.reference = s.reference
    """,
    write=_write_events,
    writes=("customers_event",),
)
