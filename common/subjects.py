"""What the audit tells of, for people: records that it can be searched for, and their kinds."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Count, Model, Q

from common.discovery import declared
from common.models import ApiKey, AuditEntry, User

# Enough for a person who looks; whoever shares a name with more is found by number.
MOST = 50


@dataclass(frozen=True)
class Subject:
    """Records by which the audit is searched; apps declare theirs in ``panels.py: SUBJECTS``.

    ``find`` returns the ids of the records that a text means, at most so many as are asked.
    """

    model: type[Model]
    find: Callable[[str, int], Collection[int]]


@cache
def subjects() -> tuple[Subject, ...]:
    return declared("panels", "SUBJECTS")


def named(model: Any, field: str = "name") -> Subject:
    """Return records of a small table, which are found by a part of their name."""

    def find(text: str, most: int) -> list[int]:
        found = model._default_manager.filter(**{f"{field}__icontains": text})
        return list(found.order_by("pk").values_list("pk", flat=True)[:most])

    return Subject(model, find)


def about(text: str) -> Q:
    """Return the condition on entries that who is meant did it, or that it was about them."""
    people = User.objects.filter(Q(username__icontains=text) | Q(email__iexact=text))
    keys = ApiKey.objects.filter(name__icontains=text)
    meant = Q(actor__in=list(people[:MOST])) | Q(api_key__in=list(keys[:MOST]))
    for subject in subjects():
        if ids := subject.find(text, MOST):
            meant |= Q(subject_type=subject.model._meta.label_lower, subject_id__in=list(ids))
    return meant


@dataclass(frozen=True)
class Looks:
    """How often somebody looked, and at how many."""

    person: User
    looks: int
    records: int


def most_looks(action: str, *, since: datetime, limit: int = 10) -> list[Looks]:
    """Return the colleagues who did this most often, the busiest first."""
    done = AuditEntry.objects.filter(action=action, at__gte=since).exclude(actor=None)
    rows = list(
        done.values("actor")
        .annotate(looks=Count("pk"), records=Count("subject_id", distinct=True))
        .order_by("-looks", "actor")[:limit]
    )
    people = User.objects.in_bulk([row["actor"] for row in rows])
    return [Looks(people[row["actor"]], row["looks"], row["records"]) for row in rows]


def kinds_told_of() -> Iterator[tuple[str, str]]:
    """Return the kinds of record in the audit, with their words: one look at an index for each."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE kind AS (
                (SELECT subject_type FROM {AuditEntry._meta.db_table}
                 ORDER BY subject_type LIMIT 1)
                UNION ALL
                SELECT (SELECT entry.subject_type FROM {AuditEntry._meta.db_table} AS entry
                        WHERE entry.subject_type > kind.subject_type
                        ORDER BY entry.subject_type LIMIT 1)
                FROM kind WHERE kind.subject_type IS NOT NULL
            )
            SELECT subject_type FROM kind WHERE subject_type IS NOT NULL
            """  # noqa: S608 -- our own table
        )
        codes = [code for (code,) in cursor.fetchall()]
    yield from sorted(((code, kind_in_words(code)) for code in codes), key=lambda it: it[1])


def kind_in_words(code: str) -> str:
    """Return what staff call such records; an earlier version's own word for what is gone."""
    try:
        return str(apps.get_model(code)._meta.verbose_name)
    except (LookupError, ValueError):
        return code
