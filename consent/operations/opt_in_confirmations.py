"""Confirming a yes that waited: who holds the address does so by a link, a code or a message."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.keys import unseal
from consent.enums import Act, Channel, OptInState
from consent.models import ConsentEvent, PendingOptIn
from consent.operations.choices import record_choice
from consent.operations.codes import is_the_code
from consent.operations.opt_ins import CODE, standing_blocks
from consent.operations.suppressions import lift_confirmed
from consent.queries.predicate import ADDRESS_OF
from consent.rules import DENIALS
from consent.rules.opt_in import CODE_TRIES, can_be_confirmed, network_kept
from consent.rules.suppressions import LIFTED_BY_THE_PERSON
from customers.enums import Category, Stage
from customers.models import Customer
from customers.operations.profile import hold, save_customer


class OptInTooLate(DomainError):
    code = "opt_in_too_late"


class WrongCode(DomainError):
    code = "wrong_code"
    status = 422


class WriteToConfirm(DomainError):
    """Without a code, only a message from the phone proves whose it is."""

    code = "write_to_confirm"


class WithdrawnSince(DomainError):
    """A no that came after the request stands."""

    code = "withdrawn_since"


class AddressBlocked(DomainError):
    code = "address_blocked"


def can_still_confirm(pending: PendingOptIn, *, at: datetime) -> bool:
    tried_out = pending.code_hash is not None and pending.tries >= CODE_TRIES
    on_time = can_be_confirmed(pending.state, valid_until=pending.valid_until, at=at)
    return on_time and not tried_out and pending.sealed is not None


def confirm(
    pending: PendingOptIn, *, at: datetime, code: str = "", network: str = "", agent: str = ""
) -> PendingOptIn:
    """Record the yes; confirming again changes nothing.

    Raises OptInTooLate, WrongCode, WriteToConfirm, WithdrawnSince and AddressBlocked.
    """
    if pending.channel != Channel.EMAIL and not pending.code_hash:
        raise WriteToConfirm(_("Write to us from your phone: that confirms it."))
    if pending.code_hash and not _code_fits(pending, code):
        raise WrongCode(_("This is not the code. Look again, or ask for a new one."), field="code")
    return _confirm(pending, at=at, how={"network": network_kept(network), "agent": agent[:200]})


def confirm_by_reply(pending: PendingOptIn, *, at: datetime) -> PendingOptIn:
    """Record the yes of somebody who wrote it from the number itself. Raises as ``confirm``."""
    return _confirm(pending, at=at, how={"reply": "yes"})


@transaction.atomic
def _code_fits(pending: PendingOptIn, code: str) -> bool:
    """Count the try, which stays counted when it is refused, and compare."""
    held = PendingOptIn.objects.select_for_update().get(pk=pending.pk)
    if held.sealed is None or held.tries >= CODE_TRIES:
        # Over, or confirmed: what comes next says so.
        return True
    token = json.loads(unseal(bytes(held.sealed)))["token"]
    if is_the_code(code, kept=bytes(held.code_hash or b""), of=token, use=CODE):
        return True
    held.tries += 1
    held.save(update_fields=["tries"])
    return False


@transaction.atomic
def _confirm(pending: PendingOptIn, *, at: datetime, how: Mapping[str, str]) -> PendingOptIn:
    # Before the customer: two links of one new address would make two people.
    _take_turns(bytes(pending.contact_hash))
    customer = _whose(pending)
    # A withdrawal at the same moment takes turns with this.
    customer = hold(customer) if customer else None
    pending = PendingOptIn.objects.select_for_update().get(pk=pending.pk)
    if pending.state == OptInState.CONFIRMED:
        return pending
    _refuse_late(pending, at=at)
    _refuse_denied(pending, customer)
    kept = json.loads(unseal(bytes(pending.sealed or b"")))
    evidence = {
        "asked": {"at": pending.asked_at.isoformat(), **_seen(kept)},
        "confirmed": {"at": at.isoformat(), **how},
    }
    record_choice(
        customer or _new_customer(pending, kept["address"], at=at),
        purpose=pending.purpose,
        act=Act.GIVEN,
        channels=[Channel(pending.channel)],
        categories=[Category(it) for it in pending.categories],
        collection_point=pending.collection_point_id,
        notice_text=pending.notice_text,
        occurred_at=at,
        reference=f"opt-in:{pending.pk}",
        at=at,
        confirmed=True,
        evidence=json.dumps(evidence),
    )
    lift_confirmed(kept["address"], channel=Channel(pending.channel), at=at)
    pending.state, pending.confirmed_at, pending.sealed = OptInState.CONFIRMED, at, None
    pending.save(update_fields=["state", "confirmed_at", "sealed"])
    return pending


def _take_turns(digest: bytes) -> None:
    key = int.from_bytes(digest[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _seen(kept: Mapping[str, str]) -> dict[str, str]:
    return {name: kept[name] for name in ("network", "agent")}


def _whose(pending: PendingOptIn) -> Customer | None:
    """Return who has the address: whom the program named, or else the oldest record; or None."""
    field = f"{ADDRESS_OF[Channel(pending.channel)]}_hash"
    people = Customer.objects.present().filter(**{field: pending.contact_hash})
    named = people.filter(pk=pending.customer_id or 0).first()
    return named or people.order_by("pk").first()


def _new_customer(pending: PendingOptIn, address: str, *, at: datetime) -> Customer:
    facts = {ADDRESS_OF[Channel(pending.channel)]: address, "language": pending.language}
    return save_customer(Customer(stage=Stage.PROSPECT, registered_at=at, **facts), at=at)


def _refuse_late(pending: PendingOptIn, *, at: datetime) -> None:
    if not can_still_confirm(pending, at=at):
        raise OptInTooLate(_("The time to confirm is over. Ask again, and you get a new message."))


def _refuse_denied(pending: PendingOptIn, customer: Customer | None) -> None:
    """Let a no that came since the request stand (invariant I5), also one by the address alone."""
    denied = ConsentEvent.objects.filter(
        customer=customer,
        purpose=pending.purpose,
        channel=pending.channel,
        act__in=DENIALS,
        recorded_at__gt=pending.asked_at,
    )
    blocks = list(standing_blocks(pending))
    if any(block.reason not in LIFTED_BY_THE_PERSON for block in blocks):
        raise AddressBlocked(
            _("This address is blocked and cannot be subscribed here. Please write to the shop.")
        )
    if denied.exists() or any(block.created_at > pending.asked_at for block in blocks):
        raise WithdrawnSince(
            _("You said no after this request. If you changed your mind, ask again.")
        )
