"""What a file would do to segments."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.rules.files import Foresight, Touch
from segments.models import Segment
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
