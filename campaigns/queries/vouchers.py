from datetime import datetime

from campaigns.models import Voucher
from campaigns.rules.codes import normal_code, readable
from common.keys import keyed_hash, unseal


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
