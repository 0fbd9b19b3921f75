"""Permissions that end: by the calendar, or because the words they rest on changed.

Both write an event for each channel and kind of data that ends, for many people in one
statement; a no, and what is not over, stay as they are.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from consent.enums import Act, ActorKind, PointKind
from consent.models import ConsentEvent, NoticeVersion, Permission, Suspension
from consent.operations.choices import project, timeline_event
from consent.queries.ageing import STILL_UNUSED
from consent.queries.fold import SCOPES
from consent.queries.notices import given_on_earlier
from customers.models import Customer
from customers.operations.timeline import record_events

PEOPLE_AT_ONCE = 1_000
# By then, whoever was giving permission when the new words were published has given it.
SETTLED = timedelta(seconds=30)

_END = """
    WITH {scopes}
    INSERT INTO consent_consentevent
        (customer_id, purpose_id, channel, category, act, basis, collection_point_id,
         actor_kind, occurred_at, recorded_at, reference)
    SELECT scope.customer_id, scope.purpose_id, scope.channel, scope.category, %(act)s,
           purpose.basis, %(point)s, %(actor)s, {ended_at}, %(at)s,
           concat_ws(':', %(act)s, scope.customer_id, scope.granted_id)
    FROM scope
    JOIN consent_purpose purpose ON purpose.code = scope.purpose_id
    {joins}
    WHERE scope.says AND {ended}
    ORDER BY scope.customer_id, scope.granted_id
    RETURNING id
"""


@transaction.atomic
def expire(*, at: datetime, people: int = PEOPLE_AT_ONCE) -> int:
    """End what was valid until now at the latest; return of how many people: 0 when all is done.

    Whose choices are being written at this moment waits for the next round.
    """
    over = Permission.objects.filter(valid_until__lte=at).order_by("valid_until")
    held = _hold(over.values_list("customer_id", flat=True)[:people])
    ended = _end(
        held,
        Act.EXPIRED,
        ended="scope.valid_until <= %(at)s",
        ended_at="scope.valid_until",
        at=at,
    )
    return len({event.customer_id for event in ended})


@transaction.atomic
def go_on_suspending(*, at: datetime, people: int = PEOPLE_AT_ONCE) -> Suspension | None:
    """End the next piece of what rests on words that changed; None when nothing is left to do."""
    suspension = (
        Suspension.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("version")
        .filter(finished_at=None, began_at__lte=at - SETTLED)
        .order_by("pk")
        .first()
    )
    if suspension is None:
        return None
    following = given_on_earlier(suspension.version).filter(
        customer__gt=suspension.last_customer_id
    )
    ids = list(
        following.order_by("customer").values_list("customer", flat=True).distinct()[:people]
    )
    ended = _suspend(ids, suspension.version, at=at) if ids else []
    suspension.people_suspended += len({event.customer_id for event in ended})
    suspension.last_customer_id = max(ids, default=suspension.last_customer_id)
    suspension.finished_at = at if len(ids) < people else None
    suspension.save()
    return suspension


def end_what_stands(
    people: Sequence[int], *, ended: str, joins: str, at: datetime
) -> list[ConsentEvent]:
    """End of what these people, by id, permit whatever the SQL ``ended`` is true of.

    ``scope`` is a permission that stands, ``purpose`` its purpose, and ``joins`` what else it
    takes to tell.
    """
    list(_locked(people).values_list("pk"))
    return _end(people, Act.EXPIRED, ended=ended, ended_at="%(at)s", joins=joins, at=at)


def end_unused(permissions: QuerySet[Permission], at: datetime) -> None:
    """End all that these permissions allow, and nothing that the same people allow for others."""
    found = list(permissions.values_list("pk", "customer", "last_event_id"))
    people = sorted({customer for _pk, customer, _event in found})
    list(_locked(people).values_list("pk"))
    _end(
        people,
        Act.EXPIRED,
        ended=STILL_UNUSED,
        ended_at="%(at)s",
        at=at,
        permissions=[pk for pk, _customer, _event in found],
        events=[event for _pk, _customer, event in found],
    )
    # A permission that no choice bears out is for the nightly proof; this run is done with it.
    permissions.update(changed_at=at)


def _suspend(ids: Sequence[int], version: NoticeVersion, *, at: datetime) -> list[ConsentEvent]:
    # Nobody is left out: whoever is being written about is waited for.
    list(_locked(ids).values_list("pk"))
    return _end(
        ids,
        Act.SUSPENDED,
        joins="""
            JOIN consent_consentevent granted ON granted.id = scope.granted_id
            JOIN consent_noticetext text ON text.id = granted.notice_text_id
            JOIN consent_noticeversion earlier ON earlier.id = text.version_id
            JOIN consent_noticeversion_purposes about
                ON about.noticeversion_id = %(version)s AND about.purpose_id = scope.purpose_id
        """,
        ended="earlier.notice_id = %(notice)s AND earlier.number < %(number)s",
        ended_at="%(published_at)s",
        at=at,
        version=version.pk,
        notice=version.notice_id,
        number=version.number,
        published_at=version.published_at,
    )


def _end(
    people: Sequence[int],
    act: Act,
    *,
    ended: str,
    ended_at: str,
    at: datetime,
    joins: str = "",
    **values: Any,
) -> list[ConsentEvent]:
    scopes = SCOPES.format(customers="customer_id = ANY(%(customers)s::bigint[])")
    with connection.cursor() as cursor:
        cursor.execute(
            _END.format(scopes=scopes, joins=joins, ended=ended, ended_at=ended_at),
            {
                **values,
                "customers": list(people),
                "act": act.value,
                "point": PointKind.SYSTEM.value,
                "actor": ActorKind.SYSTEM.value,
                "at": at,
            },
        )
        events = list(ConsentEvent.objects.filter(pk__in=[row[0] for row in cursor.fetchall()]))
    project(people, at=at)
    record_events(timeline_event(event) for event in events)
    return events


def _hold(people: Any) -> list[int]:
    """Lock these customers, but for those that others hold; return whom we got."""
    locked = Customer.objects.select_for_update(no_key=True, skip_locked=True)
    return list(locked.filter(pk__in=list(people)).order_by("pk").values_list("pk", flat=True))


def _locked(people: Sequence[int]) -> Any:
    return Customer.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk")
