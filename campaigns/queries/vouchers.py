from datetime import datetime

from django.db.models import Q, Sum

from campaigns.models import OfferUse, Voucher
from campaigns.rules.codes import normal_code, readable
from common.keys import keyed_hash, unseal
from customers.models import Customer


def code_hash(code: str) -> bytes:
    """Return what a normal code is found by."""
    return keyed_hash(code, use="voucher")


def code_of(voucher: Voucher) -> str:
    """Return the code to print in the owner's own message; for staff see ``show_code``."""
    return readable(unseal(bytes(voucher.code_sealed)))


def find_by_code(text: str) -> Voucher | None:
    """Return the voucher with its offer, however the code was typed."""
    found = Voucher.objects.select_related("offer")
    return found.filter(code_hash=code_hash(normal_code(text))).first()


def is_usable(voucher: Voucher, *, at: datetime) -> bool:
    """Say whether the voucher itself can still be used; its offer may have limits of its own."""
    is_over = voucher.voided_at is not None or at >= voucher.valid_until
    return not is_over and voucher.use_count < voucher.use_limit


def shared_uses(customer: Customer, other: Customer) -> list[tuple[str, int, int, int]]:
    """Return each limited offer that ``other`` used: its name, both people's uses, the limit."""
    uses = OfferUse.objects.filter(
        customer__in=(customer, other), offer__per_customer_limit__isnull=False
    )
    both = uses.values_list("offer__name", "offer__per_customer_limit").annotate(
        used=Sum("use_count", filter=Q(customer=customer), default=0),
        by_other=Sum("use_count", filter=Q(customer=other), default=0),
    )
    return [
        (name, used, by_other, limit)
        for name, limit, used, by_other in both.order_by("offer__name")
        if by_other
    ]
