"""Vouchers: issued by the thousand, voided, shown."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone

from campaigns.models import Offer, Voucher
from campaigns.queries.vouchers import code_hash, code_of
from campaigns.rules.codes import new_code
from campaigns.rules.validity import end_of_validity
from common.keys import seal
from common.models import User
from common.operations import audit
from customers.operations.timeline import record_event, record_for_all


def voucher_reference(prefix: str, customer: int) -> str:
    """Return the reference of the voucher that ``issue`` makes for a customer (by id)."""
    return f"{prefix}:{customer}"


@transaction.atomic
def issue(
    offer: Offer,
    *,
    customers: Iterable[int],
    reference_prefix: str,
    at: datetime,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    amount: Decimal | None = None,
    is_told: bool = True,
) -> QuerySet[Voucher]:
    """Give each customer (by id) a voucher of the offer, bound to them; return the vouchers.

    Issuing again with the same prefix gives the same vouchers. Without dates they are valid from
    now, for the offer's days, to the end of the last. An ``amount`` replaces what the offer says.
    The timeline tells of each, unless the caller does (``is_told``).
    """
    begins = valid_from or at
    ends = valid_until or end_of_validity(
        at=begins, days=offer.valid_days, zone=get_default_timezone()
    )
    people = list(customers)
    codes = [new_code() for _ in people]
    with connection.cursor() as cursor:
        # One statement, because objects would cost more than all the rest together.
        cursor.execute(
            """
            INSERT INTO campaigns_voucher (
                offer_id, customer_id, code_hash, code_sealed, code_ending, reference,
                amount, valid_from, valid_until, issued_at, use_limit, use_count
            )
            SELECT %(offer)s, customer, hash, sealed, ending, %(prefix)s || ':' || customer,
                   %(amount)s, %(begins)s, %(ends)s, %(at)s, 1, 0
            FROM unnest(
                %(people)s::bigint[], %(hashes)s::bytea[], %(sealed)s::bytea[], %(endings)s::text[]
            ) AS issued (customer, hash, sealed, ending)
            ON CONFLICT (reference) DO NOTHING
            RETURNING customer_id, id
            """,
            {
                "offer": offer.pk,
                "prefix": reference_prefix,
                "amount": amount,
                "begins": begins,
                "ends": ends,
                "at": at,
                "people": people,
                "hashes": [code_hash(code) for code in codes],
                "sealed": [seal(code) for code in codes],
                "endings": [code[-4:] for code in codes],
            },
        )
        issued = dict(cursor.fetchall())
    if is_told:
        record_for_all(
            {customer: f"voucher:{voucher}:issued" for customer, voucher in issued.items()},
            kind="campaigns.voucher_issued",
            at=at,
            data=_told_of(offer),
        )
    references = [voucher_reference(reference_prefix, customer) for customer in people]
    return Voucher.objects.filter(reference__in=references)


def _told_of(offer: Offer) -> dict[str, Any]:
    return {"offer_id": offer.pk, "offer_name": offer.name}


@transaction.atomic
def show_code(voucher: Voucher, *, by: User, at: datetime) -> str:
    """Return the code to somebody of the staff, and write down that they saw it."""
    audit("voucher.code_shown", voucher, at=at, by=by, fields=["code"])
    return code_of(voucher)


@transaction.atomic
def void(voucher: Voucher, *, by: User, at: datetime) -> Voucher:
    """Make the code worthless from now on; redemptions stand. A repeat changes nothing."""
    voided = Voucher.objects.filter(pk=voucher.pk, voided_at=None).update(voided_at=at)
    voucher.refresh_from_db()
    if voided:
        audit("voucher.voided", voucher, at=at, by=by)
    if voided and voucher.customer:
        record_event(
            voucher.customer,
            kind="campaigns.voucher_voided",
            at=at,
            data=_told_of(voucher.offer),
            reference=f"voucher:{voucher.pk}:voided",
        )
    return voucher
