"""What programs of the shop are not told of a person."""

from collections.abc import Collection, Mapping

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef
from django.utils.timezone import now

from consent.models import Purpose
from consent.queries.predicate import may_use, permitting_for_any_purpose, with_permission
from customers.enums import Category
from customers.models import Customer

# Orders and service: what programs ask customers for, whatever else they do with them.
SERVICE = "transactional"


def withheld_from_programs(customers: Collection[int]) -> Mapping[int, frozenset[Category]]:
    """Return, of each customer, the categories that a program is not told; in one query.

    Those whose use for service the person refused, and sensitive data unless they allowed them
    for some purpose that asks.
    """
    purpose, at = Purpose.objects.get(pk=SERVICE), now()
    people = with_permission(Customer.objects.filter(pk__in=customers), purpose=purpose)
    allowing = Exists(
        permitting_for_any_purpose(Customer.objects.filter(pk=OuterRef("pk")), Category.SENSITIVE)
    )
    told = people.annotate(
        allows_sensitive=allowing,
        **{
            f"may_{category.value}": ExpressionWrapper(
                may_use(category, purpose=purpose, at=at), output_field=BooleanField()
            )
            for category in Category
        },
    ).values("pk", "allows_sensitive", *(f"may_{category.value}" for category in Category))
    return {row["pk"]: frozenset(_withheld(row)) for row in told}


def _withheld(row: Mapping[str, bool]) -> list[Category]:
    refused = [category for category in Category if not row[f"may_{category.value}"]]
    return refused if row["allows_sensitive"] else [*refused, Category.SENSITIVE]
