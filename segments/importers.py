"""Files of people for lists, and what any file would do to segments."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.enums import CellType
from customers.importers.people import AMBIGUOUS, customer_column
from customers.operations.imports import Chunk, Undoing
from customers.rules.files import (
    WHOLE_ROW,
    Check,
    Column,
    FileKind,
    Foresight,
    Reference,
    Touch,
    Undo,
)
from segments.enums import Cause
from segments.models import Segment, stays_out
from segments.queries import traits
from segments.rules import BadRule, Trait, read_rule

# The largest are named, the others counted.
NAMED = 10


def _is_asked(trait: Trait, foresight: Foresight) -> bool:
    """Say whether the file may change what the trait asks."""
    if trait.rows:
        return foresight.changes(table=trait.rows.found(now()).model._meta.db_table)
    root = trait.field.partition("__")[0]
    if trait.reads is not None or root == "attributes":
        return foresight.changes(table="customers_customer")
    if root == "metrics":
        return foresight.changes(table="customers_customermetrics")
    return foresight.changes(column=root)


def _asking(foresight: Foresight) -> list[Segment]:
    known, asking = traits(), []
    for segment in Segment.objects.all():
        try:
            conditions = read_rule(segment.rule, known).conditions
        except BadRule:
            continue
        # Every rule is read through permissions.
        reads_permissions = foresight.changes(table="consent_permission")
        if reads_permissions or any(_is_asked(it.trait, foresight) for it in conditions):
            asking.append(segment)
    return asking


def _members(segments: Sequence[Segment], foresight: Foresight) -> dict[int, int]:
    """Return how many of the file's people are in these segments now, by the segment's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT segment_id, count(*) FROM segments_membership"
            f" JOIN {foresight.people} AS told USING (customer_id)"
            " WHERE left_at IS NULL AND segment_id = ANY(%s) GROUP BY 1",
            [[segment.pk for segment in segments]],
        )
        return dict(cursor.fetchall())


def _found(foresight: Foresight) -> Sequence[Mapping[str, Any]]:
    asking = _asking(foresight)
    inside = _members(asking, foresight) if asking else {}
    ordered = sorted(asking, key=lambda it: (-inside.get(it.pk, 0), it.name))
    return [{"segment": it.name, "people": inside.get(it.pk, 0)} for it in ordered[:NAMED]]


def _others(foresight: Foresight) -> Sequence[Mapping[str, Any]]:
    count = len(_asking(foresight))
    return [{"segments": count - NAMED}] if count > NAMED else []


def _put_in(chunk: Chunk) -> None:
    chunk.write(
        "segments_membership",
        f"""
        INSERT INTO segments_membership (segment_id, customer_id, entered_at, cause)
        SELECT u.list_id, u.person_id, %(at)s, '{Cause.FILE.value}'
        FROM {{units}} u WHERE u.known_id IS NULL ORDER BY u.list_id, u.person_id
        ON CONFLICT (segment_id, customer_id) WHERE left_at IS NULL DO NOTHING
        """,
        version=WHOLE_ROW.format(row="segments_membership"),
    )
    chunk.run(f"{_COUNT} SELECT list_id FROM {{units}})")


def _count_again(undoing: Undoing) -> None:
    undoing.run(
        f"{_COUNT} SELECT (told ->> 'segment_id')::bigint FROM {{rows}} WHERE outcome = 'removed')"
    )


# What rests on the members follows at the refresh that is asked for.
_COUNT = """
    UPDATE segments_segment kept SET asked_at = now(), member_count = (
        SELECT count(*) FROM segments_membership stay
        WHERE stay.segment_id = kept.id AND stay.left_at IS NULL
    ) WHERE kept.id IN (
"""

# Whom a row names by an address; nobody where several share it.
PERSON_BY = """
    (SELECT min(person.id) FROM customers_customer person
     WHERE person.{field} = s.{field} AND person.{field} <> ''
       AND person.erased_at IS NULL AND person.merged_into_id IS NULL HAVING count(*) = 1)
"""


def _units(person: str) -> str:
    return f"""
        SELECT s.*, named.id AS person_id, t.id AS known_id, false AS differs
        FROM {{rows}} s CROSS JOIN LATERAL (SELECT {person} AS id) named
        LEFT JOIN segments_membership t ON t.segment_id = s.list_id
         AND t.customer_id = named.id AND t.left_at IS NULL
        WHERE named.id IS NOT NULL
    """


def _not_removed_by_hand(column: str, person: str) -> Check:
    return Check(
        "removed_by_hand",
        column,
        f"SELECT s.line, s.{column} FROM {{rows}} s"
        f" WHERE {stays_out(segment='s.list_id', customer=person)}",
    )


_by_number = FileKind(
    code="list_members",
    label=_("People of a list"),
    help=_(
        "One row a customer who is put into a list, a segment without a rule: by number, or by"
        " e-mail or phone. Bring it from the list's own page, or name the list in a column."
        " Whoever is in already stays in; whoever was removed by hand is rejected."
    ),
    columns=(
        customer_column(),
        Column(
            "email", _("e-mail"), CellType.EMAIL, also=("e_mail", "mail"), longest=254, example=""
        ),
        Column(
            "phone",
            _("phone"),
            CellType.PHONE,
            also=("telefone", "celular"),
            longest=40,
            example="",
        ),
        Column(
            "list",
            _("list"),
            also=("lista", "segment", "segmento"),
            required=True,
            longest=100,
            example="VIP",
            refers=Reference(
                table="segments_segment",
                column="name",
                unknown="unknown_list",
                also="{table}.rule IS NULL",
            ),
        ),
    ),
    key=("customer", "list"),
    checks=(_not_removed_by_hand("customer", "s.customer_id"),),
    units=_units("s.customer_id"),
    write=_put_in,
    into="list",
    undo=Undo(
        "segments_membership",
        key="customer",
        named="(SELECT external_id FROM customers_customer WHERE id = t.customer_id)",
        tells=("segment_id",),
        follow=_count_again,
    ),
    people="person_id",
    writes=("segments_membership",),
    also_for="segments.change_segment",
)


def _by_address(field: str) -> FileKind:
    """Return the kind for files whose rows name people by their e-mail, or their phone."""
    person = PERSON_BY.format(field=field)
    return replace(
        _by_number,
        columns=tuple(
            replace(column, required=column.name in (field, "list"))
            for column in _by_number.columns
        ),
        key=(field, "list"),
        checks=(
            Check("ambiguous", field, AMBIGUOUS.format(field=field)),
            Check(
                "unknown_address",
                field,
                f"SELECT s.line, s.{field} FROM {{rows}} s WHERE NOT EXISTS ("
                f" SELECT FROM customers_customer t WHERE t.{field} = s.{field}"
                f" AND t.{field} <> '' AND t.erased_at IS NULL AND t.merged_into_id IS NULL)",
            ),
            _not_removed_by_hand(field, person),
        ),
        units=_units(person),
    )


MEMBERS = replace(_by_number, matching={it: _by_address(it) for it in ("email", "phone")})

FILE_KINDS = [MEMBERS]

TOUCHES = [
    Touch(
        "segments.asked_again",
        _(
            "Segment “%(segment)s” asks for what this file changes and will be counted again. Of"
            " the file's people, in it now: %(people)s."
        ),
        _found,
    ),
    Touch(
        "segments.others", _("Further segments that will be counted again: %(segments)s."), _others
    ),
]
