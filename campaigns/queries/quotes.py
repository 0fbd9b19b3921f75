"""What a voucher would take off a cart; nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.enums import Refusal
from campaigns.models import OfferUse, Voucher
from campaigns.queries.vouchers import find_by_code
from campaigns.rules.codes import is_mistyped, normal_code
from campaigns.rules.decisions import Decision, Facts, decide, for_the_public, refused
from campaigns.rules.pricing import CartLine, Price
from customers.models import Customer


@dataclass(frozen=True)
class Quote:
    """``decision`` is the whole record, for staff; ``told`` is what the person may know."""

    decision: Decision
    told: Decision
    voucher: Voucher | None = None

    @property
    def price(self) -> Price | None:
        """What is taken off, or None for a refusal."""
        return None if self.told.failed else self.told.price

    @property
    def is_nobodys(self) -> bool:
        """Say whether the asker was told that there is no such voucher: it may be a guess.

        A mistyped code is none: no voucher has one whose check symbol is wrong.
        """
        failed = self.told.failed
        return failed is not None and failed.refusal == Refusal.INVALID_VOUCHER


def quote(
    code: str, *, customer: Customer | None, cart: Sequence[CartLine], at: datetime
) -> Quote:
    """Judge a code for a cart, as of now: a limit may be used up before it is redeemed.

    Whoever owns the voucher is told the reason of a refusal; others get one and the same answer
    for codes that are unknown, disabled or somebody else's.
    """
    voucher = find_by_code(code)
    if voucher is None:
        mistyped = is_mistyped(normal_code(code))
        unknown = refused(Refusal.MISTYPED_CODE if mistyped else Refusal.INVALID_VOUCHER)
        return Quote(unknown, unknown)
    decision = decide(facts(voucher, customer), cart, at=at)
    is_owner = customer is not None and voucher.customer_id == customer.pk
    told = for_the_public(decision, is_owner=is_owner)
    return Quote(decision, told, voucher)


def check(
    code: str, *, customer: Customer | None, cart: Sequence[CartLine], at: datetime
) -> Quote:
    """Quote for staff: where no customer is named, the voucher's owner is meant."""
    voucher = find_by_code(code)
    owner = voucher.customer if voucher else None
    return quote(code, customer=customer or owner, cart=cart, at=at)


def facts(voucher: Voucher, customer: Customer | None) -> Facts:
    """Gather what a decision needs; counters are looked up only where there is a limit."""
    offer = voucher.offer
    return Facts(
        offer=str(offer),
        terms=voucher.terms(offer),
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until,
        is_active=offer.is_active,
        is_voided=voucher.voided_at is not None,
        owner=voucher.customer_id,
        customer=customer.pk if customer else None,
        use_count=voucher.use_count,
        use_limit=voucher.use_limit,
        offer_use_count=offer.use_count,
        offer_use_limit=offer.total_limit,
        customer_use_count=_uses_by(customer, voucher),
        customer_use_limit=offer.per_customer_limit,
    )


def _uses_by(customer: Customer | None, voucher: Voucher) -> int:
    if customer is None or voucher.offer.per_customer_limit is None:
        return 0
    uses = OfferUse.objects.filter(offer=voucher.offer_id, customer=customer)
    return uses.values_list("use_count", flat=True).first() or 0
