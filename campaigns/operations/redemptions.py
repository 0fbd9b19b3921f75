"""Vouchers used on orders, each within every limit, and given back."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.timezone import get_default_timezone

from campaigns.enums import RedemptionState, Refusal
from campaigns.models import Offer, OfferUse, Redemption, RedemptionLine, Voucher
from campaigns.queries.quotes import quote
from campaigns.rules.decisions import Clause, Decision
from campaigns.rules.pricing import CartLine, Price
from campaigns.rules.sentences import for_customer
from common.errors import DomainError
from customers.models import Customer
from customers.operations.profile import hold
from customers.operations.timeline import record_event


class VoucherRefused(DomainError):
    """The voucher is not taken; the ``code`` is the ``Refusal``, ``told`` says all there is."""

    def __init__(self, told: Decision) -> None:
        failed = told.failed
        assert failed is not None  # noqa: S101 - nothing else is a refusal
        self.told = told
        self.code = failed.refusal.value
        super().__init__(
            for_customer(told, zone=get_default_timezone()),
            field="code",
            details={
                name: str(value) if isinstance(value, Decimal) else value
                for name in ("needed", "actual", "missing")
                if (value := getattr(failed, name)) is not None
            },
        )


@transaction.atomic
def redeem(
    code: str,
    *,
    customer: Customer | None,
    order_reference: str,
    cart: Sequence[CartLine],
    reference: str,
    at: datetime,
    note: str = "",
) -> Redemption:
    """Use the voucher on an order.

    Asking again with the same ``reference`` returns the first redemption and uses nothing.
    ``note`` labels what is not a real sale. Raises VoucherRefused.
    """
    if customer:
        # Before anything else of theirs: see ``hold``. Two records that become one at this moment
        # are counted as one person.
        customer = hold(customer)
    quoted = quote(code, customer=customer, cart=cart, at=at)
    # Looked up after the quote: its refusal may be the work of the same request, just before.
    if earlier := Redemption.objects.filter(reference=reference).first():
        return earlier
    if quoted.voucher is None or quoted.price is None:
        raise VoucherRefused(quoted.told)
    redemption = Redemption(
        voucher=quoted.voucher,
        offer=quoted.voucher.offer,
        customer=customer,
        order_reference=order_reference,
        cart_total=quoted.price.total,
        discount=quoted.price.discount,
        redeemed_at=at,
        reference=reference,
        note=note,
    )
    return _keep(redemption, quoted.price)


def _keep(redemption: Redemption, price: Price) -> Redemption:
    """Write the redemption, then count it.

    The row comes first: it makes repeats of the reference and of the order wait for each other.
    The counters come last, because whoever holds one keeps everybody else waiting until the
    commit; and always in one order, so that nobody waits in a circle.
    """
    try:
        with transaction.atomic():
            redemption.save(force_insert=True)
    except IntegrityError:
        if earlier := Redemption.objects.filter(reference=redemption.reference).first():
            return earlier
        raise _refusal(Refusal.ALREADY_ON_ORDER) from None
    RedemptionLine.objects.bulk_create(
        RedemptionLine(
            redemption=redemption,
            sku=article.sku,
            total=article.total,
            discount=article.discount,
        )
        for article in price.articles
    )
    _record(redemption, kind="campaigns.voucher_redeemed", at=redemption.redeemed_at)
    _count(redemption)
    return redemption


def _record(redemption: Redemption, *, kind: str, at: datetime) -> None:
    record_event(
        redemption.customer,
        kind=kind,
        at=at,
        data={
            "offer_id": redemption.offer_id,
            "offer_name": redemption.offer.name,
            "order": redemption.order_reference,
            "discount": str(redemption.discount),
        },
        reference=f"{kind}:{redemption.pk}",
    )


def _count(redemption: Redemption) -> None:
    """Take one use of everything that has a limit; what has none is not touched."""
    offer = _with_limits_held(redemption)
    voucher = Voucher.objects.filter(pk=redemption.voucher_id)
    usable = voucher.filter(voided_at=None, use_count__lt=F("use_limit"))
    if not offer.is_active or not usable.update(use_count=F("use_count") + 1):
        raise _refusal_by_now(offer, voucher.get())
    if offer.per_customer_limit is not None and not _counts_for_customer(redemption, offer):
        raise _refusal(Refusal.CUSTOMER_USED_UP, limit=offer.per_customer_limit)
    if offer.total_limit is not None:
        open_offer = Offer.objects.filter(pk=offer.pk, use_count__lt=F("total_limit"))
        if not open_offer.update(use_count=F("use_count") + 1):
            raise _refusal(Refusal.OFFER_USED_UP, limit=offer.total_limit)


def _with_limits_held(redemption: Redemption) -> Offer:
    """Read the offer anew; nobody can change its limits before we commit (see ``save_offer``).

    A key-share lock, because these do not wait for each other nor for the counter.
    """
    return Offer.objects.raw(
        "SELECT * FROM campaigns_offer WHERE id = %s FOR KEY SHARE", [redemption.offer_id]
    )[0]


def _counts_for_customer(redemption: Redemption, offer: Offer) -> bool:
    """Take one use of the customer's, over all codes of the offer; say whether one was left."""
    if redemption.customer_id is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_offeruse AS used (offer_id, customer_id, use_count, use_limit)
            SELECT %(offer)s, %(customer)s, 1, %(limit)s WHERE %(limit)s > 0
            ON CONFLICT (offer_id, customer_id) DO UPDATE
            SET use_count = used.use_count + 1, use_limit = EXCLUDED.use_limit
            WHERE used.use_count < EXCLUDED.use_limit
            """,
            {
                "offer": offer.pk,
                "customer": redemption.customer_id,
                "limit": offer.per_customer_limit,
            },
        )
        return cursor.rowcount == 1


def _refusal_by_now(offer: Offer, voucher: Voucher) -> VoucherRefused:
    if voucher.voided_at or not offer.is_active:
        # Paused or voided since the quote; nobody is told more, as there.
        return _refusal(Refusal.INVALID_VOUCHER)
    return _refusal(Refusal.VOUCHER_USED_UP, limit=voucher.use_limit)


def _refusal(refusal: Refusal, *, limit: int | None = None) -> VoucherRefused:
    return VoucherRefused(Decision((Clause(refusal, passed=False, needed=limit, actual=limit),)))


@transaction.atomic
def roll_back(redemption: Redemption, *, at: datetime) -> Redemption:
    """Undo a redemption and give its uses back, once; a repeat changes nothing."""
    standing = Redemption.objects.filter(pk=redemption.pk, state=RedemptionState.REDEEMED)
    if standing.update(state=RedemptionState.ROLLED_BACK, rolled_back_at=at):
        # Whoever it belongs to by now: two records may have become one.
        redemption.refresh_from_db()
        _give_back(redemption)
        _record(redemption, kind="campaigns.redemption_rolled_back", at=at)
    redemption.refresh_from_db()
    return redemption


def _give_back(redemption: Redemption) -> None:
    offer = _with_limits_held(redemption)
    one_less = F("use_count") - 1
    Voucher.objects.filter(pk=redemption.voucher_id).update(use_count=one_less)
    if offer.per_customer_limit is not None:
        uses = OfferUse.objects.filter(offer=offer, customer=redemption.customer_id)
        uses.update(use_count=one_less)
    if offer.total_limit is not None:
        Offer.objects.filter(pk=offer.pk).update(use_count=one_less)
