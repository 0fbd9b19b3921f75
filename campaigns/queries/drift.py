"""Whether the counters still say what the redemptions, the truth, say."""

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.enums import RedemptionState
from campaigns.models import Offer, OfferUse, Redemption, Voucher


def standing(**which: object) -> Coalesce:
    """Return the count of standing redemptions of the outer row, as ``which`` relates them."""
    redemptions = Redemption.objects.filter(state=RedemptionState.REDEEMED, **which)
    counted = redemptions.order_by().values("state").annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def uses_of(offer: Offer) -> int:
    """Count an offer's standing redemptions, whether or not it keeps a counter."""
    return offer.redemptions.filter(state=RedemptionState.REDEEMED).count()


def drifted_vouchers() -> QuerySet[Voucher]:
    true_count = F("uses_before") + standing(voucher=OuterRef("pk"))
    return Voucher.objects.annotate(true_count=true_count).exclude(use_count=true_count)


def drifted_offers() -> QuerySet[Offer]:
    """Offers without a limit count nothing, so they cannot drift."""
    true_count = standing(offer=OuterRef("pk"))
    limited = Offer.objects.filter(total_limit__isnull=False).annotate(true_count=true_count)
    return limited.exclude(use_count=true_count)


def drifted_uses() -> QuerySet[OfferUse]:
    true_count = standing(offer=OuterRef("offer"), customer=OuterRef("customer"))
    limited = OfferUse.objects.filter(~Q(offer__per_customer_limit=None))
    return limited.annotate(true_count=true_count).exclude(use_count=true_count)
