"""What a segment's rule may ask about offers."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.enums import RedemptionState
from campaigns.models import Redemption
from campaigns.queries.offers import offer_names
from customers.enums import Category
from segments.enums import TraitType
from segments.rules import Detail, Rows, Trait


def of_offers(names: Collection[str]) -> Q:
    return Q(offer__name__in=names)


TRAITS = [
    Trait(
        code="campaigns.redeemed",
        label=_("Redeemed a voucher"),
        group=_("Offers"),
        type=TraitType.TIMES,
        category=Category.PURCHASE,
        rows=Rows(
            found=lambda at: Redemption.objects.filter(state=RedemptionState.REDEEMED),
            moment="redeemed_at",
            details={
                "offer": Detail(_("Offer"), keeps=of_offers, suggest=offer_names),
            },
        ),
    ),
]
