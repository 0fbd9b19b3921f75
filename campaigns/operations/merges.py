"""Limits per customer, when two records become one person's: what both used counts together."""

from collections.abc import Collection

from django.db import connection

from campaigns.models import Redemption
from customers.operations.merges import Joining, Parting


def join(joining: Joining) -> None:
    _shift_uses(joining.moved(Redemption), source=joining.loser.pk, target=joining.survivor.pk)


def part(parting: Parting) -> None:
    own = Redemption.objects.filter(pk__in=parting.moved(Redemption), customer=parting.loser)
    _shift_uses(
        list(own.values_list("pk", flat=True)),
        source=parting.survivor.pk,
        target=parting.loser.pk,
    )


def _shift_uses(redemptions: Collection[int], *, source: int, target: int) -> None:
    """Count these redemptions, by id, for another customer.

    Both together may be above the limit: then nothing is left, and ``use_limit`` of the row says
    so. The offers are held as by a redemption, so that nobody sets limits at the same time.
    """
    values: dict[str, list[int] | int] = {
        "redemptions": list(redemptions),
        "source": source,
        "target": target,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM campaigns_offer WHERE id IN (
                SELECT offer_id FROM campaigns_redemption WHERE id = ANY(%(redemptions)s::bigint[])
            ) ORDER BY id FOR KEY SHARE
            """,
            values,
        )
        cursor.execute(
            """
            WITH uses AS (
                SELECT r.offer_id, count(*) AS used, o.per_customer_limit AS most
                FROM campaigns_redemption r JOIN campaigns_offer o ON o.id = r.offer_id
                WHERE r.id = ANY(%(redemptions)s::bigint[]) AND r.state = 'redeemed'
                  AND o.per_customer_limit IS NOT NULL
                GROUP BY r.offer_id, o.per_customer_limit
            ), taken AS (
                UPDATE campaigns_offeruse gives
                SET use_count = greatest(0, gives.use_count - uses.used)
                FROM uses
                WHERE gives.offer_id = uses.offer_id AND gives.customer_id = %(source)s
            )
            INSERT INTO campaigns_offeruse AS gets (offer_id, customer_id, use_count, use_limit)
            SELECT offer_id, %(target)s, used, greatest(used, most) FROM uses ORDER BY offer_id
            ON CONFLICT (offer_id, customer_id) DO UPDATE
            SET use_count = gets.use_count + excluded.use_count,
                use_limit = greatest(gets.use_limit, gets.use_count + excluded.use_count)
            """,
            values,
        )
