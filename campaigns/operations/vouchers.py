"""Vouchers: issued by the thousand, voided, shown."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone

from campaigns.models import Offer, Voucher
from campaigns.queries.vouchers import code_hash, code_of
from campaigns.rules.codes import new_code
from campaigns.rules.validity import end_of_validity
from common.keys import seal
from common.models import User
from common.operations import audit


def voucher_reference(prefix: str, customer: int) -> str:
    """Return the reference of the voucher that ``issue`` makes for a customer's id."""
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
) -> QuerySet[Voucher]:
    """Give each customer (by id) a voucher of the offer, bound to them; return the vouchers.

    Issuing again with the same prefix gives the same vouchers. Without dates they are valid from
    now, for the offer's days, to the end of the last. ``amount`` is worth more than the offer's.
    """
    begins = valid_from or at
    ends = valid_until or end_of_validity(
        at=begins, days=offer.valid_days, zone=get_default_timezone()
    )
    vouchers = [
        _voucher(
            offer=offer,
            customer_id=customer,
            reference=voucher_reference(reference_prefix, customer),
            valid_from=begins,
            valid_until=ends,
            amount=amount,
            issued_at=at,
        )
        for customer in customers
    ]
    Voucher.objects.bulk_create(vouchers, ignore_conflicts=True, batch_size=5000)
    return Voucher.objects.filter(reference__in=[voucher.reference for voucher in vouchers])


def _voucher(**fields: object) -> Voucher:
    code = new_code()
    return Voucher(
        code_hash=code_hash(code), code_sealed=seal(code), code_ending=code[-4:], **fields
    )


@transaction.atomic
def show_code(voucher: Voucher, *, by: User, at: datetime) -> str:
    """Return the code to somebody of the staff, and write down that they saw it."""
    audit("voucher.code_shown", voucher, at=at, by=by, fields=["code"])
    return code_of(voucher)


@transaction.atomic
def void(voucher: Voucher, *, by: User, at: datetime) -> Voucher:
    """Make the code worthless from now on; redemptions stand. A repeat changes nothing."""
    voided = Voucher.objects.filter(pk=voucher.pk, voided_at=None).update(voided_at=at)
    if voided:
        audit("voucher.voided", voucher, at=at, by=by)
    voucher.refresh_from_db()
    return voucher
