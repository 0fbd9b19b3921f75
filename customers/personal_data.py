"""What this app holds about people, and what becomes of it when two records are one person."""

from customers.enums import Category
from customers.models import (
    Cart,
    Case,
    Customer,
    CustomerMetrics,
    Event,
    Merge,
    Note,
    Order,
    OrderLine,
    SurveyAnswer,
)
from customers.rules.merging import Holding, Merging

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
    Holding(Merge, Category.IDENTITY, person="survivor", merging=Merging.STAYS),
    Holding(Merge, Category.IDENTITY, person="loser", merging=Merging.STAYS),
]
