from datetime import datetime

from campaigns.models import Voucher
from campaigns.rules.codes import normal_code
from common.keys import keyed_hash


def code_hash(code: str) -> bytes:
    """Return what a normal code is found by."""
    return keyed_hash(code, use="voucher")


def find_by_code(text: str) -> Voucher | None:
    """Return the voucher with its offer, however the code was typed."""
    found = Voucher.objects.select_related("offer")
    return found.filter(code_hash=code_hash(normal_code(text))).first()


def usable_until(voucher: Voucher, *, at: datetime) -> datetime | None:
    """Return when the voucher ends, or None where it cannot be used any more."""
    over = voucher.voided_at or voucher.use_count >= voucher.use_limit or at >= voucher.valid_until
    return None if over else voucher.valid_until
