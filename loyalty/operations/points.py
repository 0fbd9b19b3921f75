"""Points that members spend, lose and are given by hand."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import User
from common.operations import audit
from customers.operations.profile import hold
from loyalty import rules
from loyalty.enums import AccountKind, TransactionKind
from loyalty.models import Lot, Member, Transaction
from loyalty.operations.ledger import Posting, lock, post
from loyalty.queries import lots, the_programme

# Over in about a second: a long transaction would keep every consumer waiting.
CHUNK = 2000


class NotEnoughPoints(DomainError):
    code = "not_enough_points"


class NothingToMove(DomainError):
    code = "nothing_to_move"
    status = 422


class ReferenceTaken(DomainError):
    code = "reference_taken"


@transaction.atomic
def spend(
    member: Member, *, points: int, reference: str, at: datetime, note: str = ""
) -> Transaction:
    """Spend the member's points, those first that expire first.

    Asking again with the same ``reference`` returns the first transaction and spends nothing.
    Raises NotEnoughPoints, NothingToMove and ReferenceTaken.
    """
    if points <= 0:
        raise NothingToMove(_("Say how many points to spend."), field="points")
    # Two tills that spend at once take turns.
    member = _hold(member)
    if earlier := _earlier(member, reference):
        return earlier
    [spent] = post(
        member.programme,
        [
            Posting(
                member=member,
                kind=TransactionKind.SPENT,
                book=AccountKind.REDEEMED,
                points=-points,
                drawn=_drawn(member, points, at=at),
                reference=reference,
                at=at,
                note=note,
            )
        ],
    )
    return spent


@transaction.atomic
def adjust(
    member: Member, *, points: int, reason: str, reference: str, at: datetime, by: User
) -> Transaction:
    """Give the member points, or take some with a negative number, by hand.

    Given points expire as if earned now. Asking again with the same ``reference`` returns the
    first transaction. Raises NotEnoughPoints, NothingToMove and ReferenceTaken.
    """
    if points == 0:
        raise NothingToMove(_("Say how many points to give or take."), field="points")
    member = _hold(member)
    if earlier := _earlier(member, reference):
        return earlier
    programme = member.programme
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    [adjusted] = post(
        programme,
        [
            Posting(
                member=member,
                kind=TransactionKind.ADJUSTED,
                book=AccountKind.ISSUED,
                points=points,
                expires_at=rules.expiry(at, months=programme.expiry_months, zone=zone),
                drawn=_drawn(member, -points, at=at) if points < 0 else {},
                reference=reference,
                at=at,
                note=reason,
            )
        ],
    )
    audit("loyalty.points_adjusted", member, at=at, by=by, fields=["points"], reason=reason)
    return adjusted


def _hold(member: Member) -> Member:
    """Lock the member, or whoever they were merged into: the customer first (``hold``)."""
    [held] = lock([hold(member.customer).pk])
    return held


def _earlier(member: Member, reference: str) -> Transaction | None:
    earlier = Transaction.objects.filter(reference=reference).first()
    if earlier and earlier.member_id != member.pk:
        raise ReferenceTaken(
            _("The reference %(reference)s belongs to another member.") % {"reference": reference},
            field="reference",
        )
    return earlier


def _drawn(member: Member, points: int, *, at: datetime) -> dict[int, int]:
    held = lots([member], at=at)[member.pk]
    balance = sum(lot.remaining for lot in held)
    if points > balance:
        raise NotEnoughPoints(
            _("The member has %(balance)s points and needs %(points)s.")
            % {"balance": balance, "points": points},
            field="points",
            details={"balance": balance},
        )
    return rules.draw(held, points)


@transaction.atomic
def expire(*, at: datetime, after: int = 0, limit: int = CHUNK) -> int | None:
    """Take the points whose last moment is over, of the next members after the id ``after``.

    Return the id to go on after, or None when everybody has been seen. It grows with every call,
    so that a lot which cannot be taken (``loyalty.queries.faults`` names it) holds up no other.
    """
    overdue = Lot.objects.overdue(at=at)
    losing = overdue.filter(member__gt=after).order_by("member").distinct()
    customers = dict(losing.values_list("member", "member__customer")[:limit])
    if not customers:
        return None
    members = {member.pk: member for member in lock(customers.values())}
    lapsed = overdue.filter(member__in=members)
    post(the_programme(), [_expired(lot, members[lot.member_id], at=at) for lot in lapsed])
    return max(customers)


def _expired(lot: Lot, member: Member, *, at: datetime) -> Posting:
    return Posting(
        member=member,
        kind=TransactionKind.EXPIRED,
        book=AccountKind.EXPIRED,
        points=-lot.remaining,
        drawn={lot.pk: lot.remaining},
        reference=f"lot:{lot.pk}:expired",
        at=lot.expires_at or at,
    )
