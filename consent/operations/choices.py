"""What a person chose: the event, the permission it adds up to, and the timeline, in one act."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import User
from consent.enums import Act, ActorKind, Channel
from consent.models import ConsentEvent, NoticeText, Purpose
from consent.operations.guardians import last_moment_for_another
from consent.queries.fold import ANSWERS, FOLD
from consent.queries.notices import is_replaced, text_shown
from consent.rules import CLOCK_SKEW, GRANTS, THEIR_OWN, end_of_validity
from consent.rules.opt_in import CONFIRMED
from customers.enums import Category
from customers.models import Customer
from customers.operations.profile import hold
from customers.operations.sealing import seal_for
from customers.operations.timeline import NewEvent, record_events

KIND_OF_ACT = {
    Act.GIVEN: "consent.given",
    Act.RENEWED: "consent.given",
    Act.REFUSED: "consent.refused",
    Act.WITHDRAWN: "consent.withdrawn",
    Act.OBJECTED: "consent.withdrawn",
    Act.EXPIRED: "consent.ended",
    Act.SUSPENDED: "consent.ended",
    Act.IMPORTED_UNPROVEN: "consent.unproven",
}


class NothingChosen(DomainError):
    code = "nothing_chosen"
    status = 422


class ChosenInTheFuture(DomainError):
    code = "chosen_in_the_future"
    status = 422


class ReferenceReused(DomainError):
    code = "reference_reused"


class PurposeRetired(DomainError):
    code = "purpose_retired"


class PointClosed(DomainError):
    code = "point_closed"


class NoTextShown(DomainError):
    code = "no_text_shown"
    status = 422


class EvidenceMissing(DomainError):
    code = "evidence_missing"
    status = 422


class TextReplaced(DomainError):
    code = "text_replaced"


class NotConfirmed(DomainError):
    code = "not_confirmed"


@transaction.atomic
def record_choice(
    customer: Customer,
    *,
    purpose: Purpose,
    act: Act,
    channels: Collection[Channel] = (),
    categories: Collection[Category] = (),
    collection_point: str,
    occurred_at: datetime,
    reference: str,
    at: datetime,
    by: User | None = None,
    actor_kind: ActorKind = ActorKind.SUBJECT,
    notice_text: NoticeText | None = None,
    evidence: str = "",
    confirmed: bool = False,
) -> list[ConsentEvent]:
    """Record what a person chose about channels and data categories, and what it adds up to.

    One event for each channel and category. ``collection_point`` is the code of one. A permission
    rests on the text that was shown: on what the point showed at that moment when the caller names
    none. What proves the choice besides (a recording's number, the words) is sealed with the
    person's key. Asking again with the same ``reference`` changes nothing. Raises NothingChosen,
    ChosenInTheFuture, EvidenceMissing, PurposeRetired, PointClosed, NotConfirmed, NoTextShown,
    TextReplaced, what ``operations.guardians`` refuses for minors, and ReferenceReused when
    the reference came with another choice before.
    """
    scopes = _scopes(channels, categories)
    # A withdrawal dated tomorrow would outlive every grant until then.
    if occurred_at > at + CLOCK_SKEW:
        raise ChosenInTheFuture(_("A choice cannot lie in the future."), field="occurred_at")
    # A grant and a withdrawal that arrive at once take turns.
    customer = hold(customer)
    chosen = [
        ConsentEvent(
            customer=customer,
            purpose=purpose,
            channel=channel,
            category=category,
            act=act,
            basis=purpose.basis,
            notice_text=notice_text,
            collection_point_id=collection_point,
            actor_kind=actor_kind,
            actor=by,
            occurred_at=occurred_at,
            recorded_at=at,
            reference=f"{reference}:{channel or category}",
        )
        for channel, category in scopes
    ]
    if known := _known(chosen):
        return known
    if act in GRANTS:
        _rest_on_text(chosen)
        _refuse_unconfirmed(chosen, confirmed=confirmed)
        _refuse_unproven(chosen, evidence=evidence)
    if evidence:
        sealed = seal_for(customer, evidence, at=at)
        for event in chosen:
            event.evidence_sealed = sealed
    return _write(chosen, at=at)


def _scopes(
    channels: Collection[Channel], categories: Collection[Category]
) -> list[tuple[str, str]]:
    """Return each channel and each category once, as an event names it."""
    if not channels and not categories:
        raise NothingChosen(
            _("Choose at least one channel or one kind of data."), field="channels"
        )
    return [
        *((channel, "") for channel in dict.fromkeys(channels)),
        *(("", category) for category in dict.fromkeys(categories)),
    ]


def _write(chosen: list[ConsentEvent], *, at: datetime) -> list[ConsentEvent]:
    """Keep the events of one person, what they add up to, and what the timeline says of them."""
    try:
        with transaction.atomic():
            events = ConsentEvent.objects.bulk_create(chosen)
    except IntegrityError as taken:
        # Another customer's choice came with it at the same moment.
        raise _reused() from taken
    project({event.customer_id for event in events}, at=at)
    record_events(timeline_event(event) for event in events)
    return events


def _rest_on_text(grants: list[ConsentEvent]) -> None:
    """Give the events of one choice the text they rest on, and their end."""
    event = grants[0]
    purpose, point = event.purpose, event.collection_point
    if not purpose.is_active:
        raise PurposeRetired(
            _("%(purpose)s is retired and takes no permissions.") % {"purpose": purpose},
            field="purpose",
        )
    if not point.is_active:
        raise PointClosed(
            _("%(point)s is closed and takes no permissions.") % {"point": point},
            field="collection_point",
        )
    text = _shown(event)
    until = end_of_validity(event.occurred_at, valid_days=purpose.valid_days)
    if last := last_moment_for_another(
        event.customer, purpose, actor_kind=event.actor_kind, at=event.occurred_at
    ):
        until = min(until or last, last)
    for grant in grants:
        grant.notice_text, grant.valid_until = text, until


def _refuse_unconfirmed(grants: list[ConsentEvent], *, confirmed: bool) -> None:
    """Let a yes that must be confirmed come from ``opt_in_confirmations`` alone."""
    point = grants[0].collection_point
    asked = [grant.channel for grant in grants if grant.channel in CONFIRMED]
    if point.double_opt_in and asked and not confirmed:
        raise NotConfirmed(
            _("%(point)s asks people to confirm by message: start with that (POST /opt-ins).")
            % {"point": point},
            field="collection_point",
        )


def _refuse_unproven(grants: list[ConsentEvent], *, evidence: str) -> None:
    """Let nobody say yes for another without what proves it."""
    if grants[0].actor_kind not in THEIR_OWN and not evidence:
        raise EvidenceMissing(
            _("Say what proves it: the number of the recording or form, or the words used."),
            field="evidence",
        )


def _shown(event: ConsentEvent) -> NoticeText:
    """Return the text that was shown: the one named, or what the point showed at that moment."""
    text, purpose, point = event.notice_text, event.purpose, event.collection_point
    if text is None:
        text = text_shown(
            point, purpose=purpose, language=event.customer.language, at=event.occurred_at
        )
    elif not _was_published(text, purpose, at=event.occurred_at):
        text = None
    if text is None:
        raise NoTextShown(
            _(
                "%(point)s showed no published text about %(purpose)s at that time. Publish a"
                " notice for it first."
            )
            % {"point": point, "purpose": purpose},
            field="collection_point",
        )
    if is_replaced(text, at=event.recorded_at):
        raise TextReplaced(
            _("The text has changed since it was shown. Show the new one and ask again."),
            field="notice_text",
        )
    return text


def _was_published(text: NoticeText, purpose: Purpose, *, at: datetime) -> bool:
    published = text.version.published_at
    covers = text.version.purposes.filter(pk=purpose.pk)
    return published is not None and published <= at and covers.exists()


def _known(chosen: list[ConsentEvent]) -> list[ConsentEvent]:
    """Return the events of the same choice, recorded earlier; [] for a new one."""
    references = [event.reference for event in chosen]
    events = ConsentEvent.objects.select_related("notice_text__version")
    known = list(events.filter(reference__in=references).order_by("id"))
    if known and set(map(_content, known)) != set(map(_content, chosen)):
        raise _reused()
    return known


def _content(event: ConsentEvent) -> tuple[object, ...]:
    return (event.reference, event.customer_id, event.purpose_id, event.act)


def _reused() -> ReferenceReused:
    return ReferenceReused(
        _("This reference came with another choice before. Use a new one."), field="reference"
    )


def timeline_event(event: ConsentEvent) -> NewEvent:
    """Return what the timeline says of a choice."""
    return NewEvent(
        kind=KIND_OF_ACT[Act(event.act)],
        customer=event.customer_id,
        at=event.occurred_at,
        reference=f"consent:{event.pk}",
        data={"purpose": event.purpose_id, "channel": event.channel, "category": event.category},
    )


def project(customers: Iterable[int], *, at: datetime) -> None:
    """Write the permissions of these customers anew from their consent events, in one statement.

    Takes customer ids. Rows that say the same already are left alone.
    """
    columns = ("last_event_id", "valid_until", *ANSWERS)
    fold = FOLD.format(customers="customer_id = ANY(%(customers)s::bigint[])")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO consent_permission AS known
                (customer_id, purpose_id, changed_at, {", ".join(columns)})
            SELECT customer_id, purpose_id, %(at)s, {", ".join(columns)}
            FROM ({fold}) AS folded
            ORDER BY customer_id, purpose_id
            ON CONFLICT (purpose_id, customer_id) DO UPDATE SET
                (changed_at, {", ".join(columns)})
                    = (SELECT excluded.changed_at,
                              {", ".join(f"excluded.{name}" for name in columns)})
            WHERE known.last_event_id IS DISTINCT FROM excluded.last_event_id
            """,  # noqa: S608 -- names and values come from our own enums
            {"customers": sorted(set(customers)), "at": at},
        )
