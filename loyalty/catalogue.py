"""What the columns of this app say."""

from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from customers.rules.catalogue import Described
from loyalty.models import (
    Account,
    Closing,
    Draw,
    Entry,
    Lot,
    Member,
    OrderImport,
    OrderPoints,
    OrderUndo,
    Programme,
    Tier,
    Transaction,
)

POINTS = _("To give points for purchases, and to let them be spent.")
BOUGHT = _("Worked out from orders; corrections are written by staff.")

CATALOGUE = [
    Described(
        Member,
        facts={Category.PURCHASE: "programme tier tier_since tier_until joined_at"},
        plain="id customer",
        purpose=POINTS,
        origin=BOUGHT,
    ),
    Described(
        Account,
        facts={Category.PURCHASE: "kind balance"},
        plain="id programme member",
        purpose=POINTS,
        origin=BOUGHT,
    ),
    Described(
        Transaction,
        facts={Category.PURCHASE: "kind occurred_at note"},
        plain="id member recorded_at reference",
        purpose=POINTS,
        origin=BOUGHT,
    ),
    Described(
        Entry,
        facts={Category.PURCHASE: "transaction points"},
        plain="id account",
        purpose=POINTS,
        origin=BOUGHT,
        words={"transaction": _("posting")},
    ),
    Described(
        Lot,
        facts={Category.PURCHASE: "points remaining expires_at"},
        plain="id member transaction",
        purpose=POINTS,
        origin=BOUGHT,
    ),
    Described(
        Draw,
        facts={Category.PURCHASE: "points"},
        plain="id transaction lot",
        purpose=POINTS,
        origin=BOUGHT,
    ),
    Described(
        OrderPoints,
        facts={Category.PURCHASE: "rate points earned reclaimed"},
        plain="order postings",
        purpose=POINTS,
        origin=BOUGHT,
        called=_("points of orders"),
        words={
            "rate": _("points per unit of money"),
            "points": _("points"),
            "earned": _("earned"),
            "reclaimed": _("taken back"),
        },
    ),
    Described(Programme, plain="id name points_per_unit expiry_months tier_window_months"),
    Described(Tier, plain="id programme name rank minimum_spend"),
    Described(OrderUndo, plain="job last_order finished_at"),
    Described(OrderImport, plain="job last_order finished_at"),
    Described(Closing, plain="day at step last_member finished_at"),
]
