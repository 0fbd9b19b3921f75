from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from consent.enums import Channel, SuppressionReason, SuppressionSource
from consent.models import Purpose, Suppression
from consent.rules.suppressions import (
    LIFTED_BY_ADMINISTRATORS,
    LIFTED_BY_STAFF,
    LIFTED_BY_THE_PERSON,
)
from customers.operations.profile import contact_hash

CONFIRMED = "opted in again and confirmed it at the address"


def suppress(
    address: str,
    *,
    channel: Channel,
    reason: SuppressionReason,
    at: datetime,
    purpose: Purpose | None = None,
    source: SuppressionSource = SuppressionSource.SYSTEM,
) -> Suppression | None:
    """Stop writing to a normalised address, whatever was consented; None for an empty one.

    Without a ``purpose``, for everything. Blocked for the same reason already, it stays so.
    """
    digest = contact_hash(address)
    if digest is None:
        return None
    suppression, _created = Suppression.objects.get_or_create(
        channel=channel,
        contact_hash=digest,
        reason=reason,
        purpose=purpose,
        lifted_at=None,
        defaults={"source": source, "created_at": at},
    )
    return suppression


@transaction.atomic
def block(
    address: str,
    *,
    channels: list[Channel],
    reason: SuppressionReason,
    at: datetime,
    by: User | ApiKey,
    purpose: Purpose | None = None,
) -> list[Suppression]:
    """Stop writing to an address because staff or a program says so, and write down who."""
    source = SuppressionSource.STAFF if isinstance(by, User) else SuppressionSource.API
    found = [
        suppress(address, channel=channel, reason=reason, at=at, purpose=purpose, source=source)
        for channel in channels
    ]
    blocked = [suppression for suppression in found if suppression]
    for suppression in blocked:
        audit("suppressions.added", suppression, at=at, by=by)
    return blocked


class LiftedBefore(DomainError):
    code = "lifted_before"


class OnlyThePersonLifts(DomainError):
    code = "only_the_person_lifts"


class OnlyAdministratorsLift(DomainError):
    code = "only_administrators_lift"


@transaction.atomic
def lift(suppression: Suppression, *, reason: str, by: User, at: datetime) -> Suppression:
    """Let an address be written to again, as far as this block goes.

    Raises LiftedBefore, OnlyThePersonLifts and OnlyAdministratorsLift.
    """
    suppression = Suppression.objects.select_for_update(of=["self"]).get(pk=suppression.pk)
    if suppression.lifted_at:
        raise LiftedBefore(_("This block was lifted before."))
    _refuse_unless_may_lift(suppression, by)
    suppression.lifted_at, suppression.lifted_by, suppression.lift_reason = at, by, reason
    suppression.save()
    audit("suppressions.lifted", suppression, at=at, by=by, reason=reason)
    return suppression


def _refuse_unless_may_lift(suppression: Suppression, by: User) -> None:
    if suppression.reason in LIFTED_BY_STAFF:
        return
    if suppression.reason not in LIFTED_BY_ADMINISTRATORS:
        raise OnlyThePersonLifts(
            _(
                "Only the person lifts this block: by opting in again and confirming it at the"
                " address."
            )
        )
    if not by.has_perm("consent.lift_complaint"):
        raise OnlyAdministratorsLift(_("Only an administrator lifts this block, for a reason."))


def lift_confirmed(address: str, *, channel: Channel, at: datetime) -> int:
    """Lift what the person lifts by having opted in anew and confirmed it at the address.

    To be called with the confirmed choice, in its transaction; returns how many blocks went. A
    complaint, an erasure, a register and what staff entered stay.
    """
    digest = contact_hash(address)
    standing = Suppression.objects.filter(
        channel=channel, contact_hash=digest, lifted_at=None, reason__in=LIFTED_BY_THE_PERSON
    )
    lifted = list(standing.select_for_update(of=["self"]).order_by("pk"))
    standing.update(lifted_at=at, lift_reason=CONFIRMED)
    for suppression in lifted:
        audit("suppressions.lifted", suppression, at=at, reason=CONFIRMED)
    return len(lifted)
