"""What may stand in the timeline about offers and messages."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.templatetags.clientela import money
from customers.enums import Category
from customers.rules import EventKind


def _with_money(data: Mapping[str, Any]) -> dict[str, Any]:
    amounts = {name: money(data[name]) for name in ("discount", "amount") if name in data}
    return {**data, **amounts}


KINDS = [
    EventKind(
        code="campaigns.voucher_redeemed",
        label=_("Voucher redeemed"),
        category=Category.PURCHASE,
        sentence=_("Redeemed “%(offer_name)s” on order %(order)s: %(discount)s off"),
        in_words=_with_money,
        icon="redeem",
    ),
    EventKind(
        code="campaigns.redemption_rolled_back",
        label=_("Redemption rolled back"),
        category=Category.PURCHASE,
        sentence=_("“%(offer_name)s” on order %(order)s was rolled back"),
        in_words=_with_money,
        icon="undo",
    ),
    EventKind(
        code="campaigns.apology_issued",
        label=_("Apology voucher issued"),
        category=Category.CONTACT,
        sentence=_("Got an apology voucher of %(amount)s"),
        in_words=_with_money,
        icon="volunteer_activism",
    ),
]
