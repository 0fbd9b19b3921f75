"""What this app holds about people, and what becomes of it when two records are one person."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from common.templatetags.clientela import money, whole
from customers.enums import Category
from customers.models import (
    Cart,
    Case,
    Customer,
    CustomerMetrics,
    DuplicateCandidate,
    Event,
    Merge,
    Note,
    Order,
    OrderLine,
    SurveyAnswer,
)
from customers.rules.merging import Holding, MergePart, Merging

HOLDINGS = [
    # Whoever was merged into the loser before is the survivor's now.
    Holding(Customer, Category.IDENTITY, person="merged_into"),
    Holding(Order, Category.PURCHASE),
    Holding(OrderLine, Category.PURCHASE, person="order__customer", merging=Merging.FOLLOWS),
    Holding(Cart, Category.PURCHASE),
    Holding(Case, Category.CONTACT),
    Holding(Note, Category.CONTACT),
    Holding(SurveyAnswer, Category.CONTACT),
    Holding(Event, None),
    Holding(CustomerMetrics, Category.PURCHASE, merging=Merging.REWRITTEN),
    Holding(DuplicateCandidate, Category.IDENTITY, person="first", merging=Merging.STAYS),
    Holding(DuplicateCandidate, Category.IDENTITY, person="second", merging=Merging.STAYS),
    Holding(Merge, Category.IDENTITY, person="survivor", merging=Merging.STAYS),
    Holding(Merge, Category.IDENTITY, person="loser", merging=Merging.STAYS),
]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    both = CustomerMetrics.objects.filter(customer__in=(survivor, loser), order_count__gt=0)
    counted = list(both.values_list("order_count", "spend"))
    if len(counted) == 2:
        orders, spend = (sum(values) for values in zip(*counted, strict=True))
        yield _("Together %(orders)s orders and a spend of %(spend)s.") % {
            "orders": whole(orders),
            "spend": money(spend),
        }


MERGE_PARTS = [MergePart(foresee=_foresee)]
