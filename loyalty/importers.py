"""What a file would do to members, points and tiers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from customers.rules.files import Foresight, Touch


def _members(foresight: Foresight) -> Sequence[Mapping[str, Any]]:
    if foresight.historic or not foresight.changes(table="customers_order"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(member.id), count(*) - count(member.id)"
            f" FROM {foresight.people} AS told LEFT JOIN loyalty_member member USING (customer_id)"
        )
        members, others = cursor.fetchone()
    return [{"members": members, "others": others}]


def _history(foresight: Foresight) -> Sequence[Mapping[str, Any]]:
    return [{}] if foresight.historic and foresight.changes(table="customers_order") else []


TOUCHES = [
    Touch(
        "loyalty.tiers",
        _(
            "Points and tiers are settled for the buyers. Members: %(members)s; not members yet,"
            " who become members with an order that stands: %(others)s."
        ),
        _members,
    ),
    Touch("loyalty.history", _("These orders are history: they earn no points."), _history),
]
