from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from campaigns.models import Offer, OfferUse
from campaigns.queries.drift import uses_of
from common.errors import DomainError
from segments.enums import SweepReason
from segments.operations.sweeping import ask_for_sweep


class LimitBelowUses(DomainError):
    code = "limit_below_uses"


@transaction.atomic
def save_offer(offer: Offer, *, at: datetime) -> Offer:
    """Keep a new or changed offer, with counters that fit its limits.

    Where a limit is set later, what was redeemed before it counts too. Raises LimitBelowUses.
    """
    if offer.pk is None:
        offer.save()
        return offer
    # Waits for redemptions that are under way, and makes later ones wait for the new limits.
    before = Offer.objects.select_for_update().get(pk=offer.pk)
    if before.name != offer.name:
        # Rules ask for offers by their names.
        ask_for_sweep(SweepReason.RULES, at=at)
    uses = uses_of(offer)
    if offer.total_limit is not None and uses > offer.total_limit:
        raise LimitBelowUses(
            _("The offer has been used %(uses)d times already; the limit cannot be lower.")
            % {"uses": uses},
            field="total_limit",
        )
    offer.use_count = uses if offer.total_limit is not None else 0
    offer.save()
    _count_customers(offer)
    return offer


def _count_customers(offer: Offer) -> None:
    """Set every customer's count anew; who is above a lowered limit keeps what they have used."""
    OfferUse.objects.filter(offer=offer).delete()
    if offer.per_customer_limit is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_offeruse (offer_id, customer_id, use_count, use_limit)
            SELECT offer_id, customer_id, count(*), greatest(count(*), %(limit)s)
            FROM campaigns_redemption
            WHERE offer_id = %(offer)s AND customer_id IS NOT NULL AND state = 'redeemed'
            GROUP BY offer_id, customer_id
            """,
            {"offer": offer.pk, "limit": offer.per_customer_limit},
        )
