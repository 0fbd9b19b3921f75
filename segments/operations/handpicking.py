"""Who is in a segment, or out of it, because somebody said so."""

from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from customers.models import Customer
from customers.operations.profile import hold as hold_customer
from segments.compiler import matching
from segments.enums import Cause, Handpicked
from segments.models import Handpick, Membership, Segment
from segments.operations.reconsidering import mark_due
from segments.operations.refreshing import hold
from segments.operations.telling import Change, tell, told_of
from segments.queries import patience, traits
from segments.rules import BadRule, read_rule

LONGEST_REASON = 200
# For a refresh that is under way: somebody waits before the page.
SECONDS_TO_WAIT = 5

Actor = User | ApiKey | None


class SegmentBusy(DomainError):
    code = "segment_busy"


class ReasonMissing(DomainError):
    code = "reason_missing"
    status = 422


class ReasonTooLong(DomainError):
    code = "reason_too_long"
    status = 422


class NobodyToDecideAbout(DomainError):
    code = "customer_erased"


@transaction.atomic
def add_by_hand(
    segment: Segment, customer: Customer, *, reason: str, by: Actor, at: datetime
) -> Handpick:
    """Let somebody in, whatever the rule says; they stay until that is taken back.

    Whoever is in already goes on being in. Permission is asked before they are written to, as of
    everybody. Added again, nothing happens. Raises ReasonMissing, ReasonTooLong, SegmentBusy and
    NobodyToDecideAbout.
    """
    customer = _begin(segment, customer, reason)
    standing = _standing(segment, customer)
    if standing and standing.word == Handpicked.ADDED:
        return standing
    pick = _decide(Handpicked.ADDED, segment, customer, reason=reason, by=by, at=at)
    _let_in(segment, customer, cause=Cause.MANUAL, at=at)
    mark_due([customer.pk], at=at)
    audit("segments.added_by_hand", customer, at=at, by=by, reason=segment.name)
    return pick


@transaction.atomic
def remove_by_hand(
    segment: Segment, customer: Customer, *, reason: str, by: Actor, at: datetime
) -> Handpick:
    """Send somebody away, and keep them out whatever the rule says, until that is taken back.

    Whoever is not in will not come in. Removed again, nothing happens. Raises what
    ``add_by_hand`` raises.
    """
    customer = _begin(segment, customer, reason)
    standing = _standing(segment, customer)
    if standing and standing.word == Handpicked.REMOVED:
        return standing
    pick = _decide(Handpicked.REMOVED, segment, customer, reason=reason, by=by, at=at)
    _send_away(segment, customer, at=at)
    mark_due([customer.pk], at=at)
    audit("segments.removed_by_hand", customer, at=at, by=by, reason=segment.name)
    return pick


@transaction.atomic
def take_back(pick: Handpick, *, by: Actor, at: datetime) -> None:
    """Let the rule decide about the customer again; in a list, let all be as before.

    Taken back again, nothing happens. Raises SegmentBusy.
    """
    segment = _held(pick.segment)
    customer = hold_customer(pick.customer)
    pick = Handpick.objects.select_for_update(of=("self",)).get(pk=pick.pk)
    if pick.ended_at:
        return
    Handpick.objects.filter(pk=pick.pk).update(ended_at=at)
    if segment.is_list:
        _as_before(segment, pick, at=at)
    elif _is_meant(segment, customer, at=at):
        _let_in(segment, customer, cause=Cause.RULE, at=at)
    else:
        _send_away(segment, customer, at=at)
    mark_due([customer.pk], at=at)
    audit("segments.handpick_taken_back", customer, at=at, by=by, reason=segment.name)


def _begin(segment: Segment, customer: Customer, reason: str) -> Customer:
    if not reason.strip():
        raise ReasonMissing(_("Say why: it is kept with your name."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong(
            _("The reason has at most %(most)d characters.") % {"most": LONGEST_REASON},
            field="reason",
        )
    _held(segment)
    customer = hold_customer(customer)
    if customer.erased_at:
        raise NobodyToDecideAbout(_("This customer was erased at their own wish."))
    return customer


def _held(segment: Segment) -> Segment:
    """Hold the segment and return it as it is by now."""
    try:
        with patience(SECONDS_TO_WAIT):
            hold(segment)
    except OperationalError as error:
        raise SegmentBusy(
            _("The members of “%(name)s” are being found. Try again in a moment.")
            % {"name": segment}
        ) from error
    return Segment.objects.select_related("purpose").get(pk=segment.pk)


def _standing(segment: Segment, customer: Customer) -> Handpick | None:
    return Handpick.objects.standing().filter(segment=segment, customer=customer).first()


def _decide(
    word: Handpicked,
    segment: Segment,
    customer: Customer,
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> Handpick:
    """Write the decision down; what was decided before ends."""
    Handpick.objects.standing().filter(segment=segment, customer=customer).update(ended_at=at)
    return Handpick.objects.create(
        segment=segment,
        customer=customer,
        word=word,
        reason=reason.strip(),
        by=by if isinstance(by, User) else None,
        api_key=by if isinstance(by, ApiKey) else None,
        decided_at=at,
    )


def _as_before(segment: Segment, pick: Handpick, *, at: datetime) -> None:
    """Bring back whoever was in the list when they were removed, for the reason they were in."""
    stays = Membership.objects.filter(segment=segment, customer=pick.customer)
    if pick.word == Handpicked.REMOVED:
        if was := stays.filter(left_at__gte=pick.decided_at).order_by("pk").last():
            _let_in(segment, pick.customer, cause=Cause(was.cause), at=at)
    elif stays.filter(left_at=None, cause=Cause.MANUAL).exists():
        _send_away(segment, pick.customer, at=at)


def _let_in(segment: Segment, customer: Customer, *, cause: Cause, at: datetime) -> None:
    """Begin a stay; one that stands goes on, and what the rule did a person has done now."""
    stays = Membership.objects.filter(segment=segment, customer=customer)
    ruled = stays.filter(left_at=None, cause__in=(Cause.RULE, Cause.MANUAL))
    if ruled.update(cause=cause) or stays.filter(left_at=None).exists():
        return
    stay = stays.create(segment=segment, customer=customer, entered_at=at, cause=cause)
    _count(segment, 1)
    _let_others_know(segment, stay, came=True, at=at)


def _send_away(segment: Segment, customer: Customer, *, at: datetime) -> None:
    stays = Membership.objects.filter(segment=segment, customer=customer, left_at=None)
    if stay := stays.first():
        stays.end(at=at)
        _count(segment, -1)
        _let_others_know(segment, stay, came=False, at=at)


def _let_others_know(segment: Segment, stay: Membership, *, came: bool, at: datetime) -> None:
    """Tell whoever listens, and let the segments that ask for this one follow in a moment."""
    if told_of([segment.pk]):
        told = Change(segment.pk, came, 1, stays=(stay.pk,), customers=(stay.customer_id,))
        tell([told], at=at)
    mark_due([stay.customer_id], at=at)


def _count(segment: Segment, more: int) -> None:
    # Until the first fill is over nobody is counted.
    filled = Segment.objects.filter(pk=segment.pk, filled_at__isnull=False)
    filled.update(member_count=F("member_count") + more)
    if segment.is_list:
        # No refresh counts these anew: see count_reachable_of_lists.
        filled.update(reachable_count=None)


def _is_meant(segment: Segment, customer: Customer, *, at: datetime) -> bool:
    """Say whether the rule means somebody now; one that is none any more means nobody."""
    try:
        rule = read_rule(segment.rule, traits())
    except BadRule:
        return False
    return matching(rule, purpose=segment.purpose, at=at, among=[customer.pk]).exists()
