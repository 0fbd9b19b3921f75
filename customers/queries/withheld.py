"""What a program is told of what happened to a customer."""

from customers.models import Customer, DeclaredKind
from customers.models.timeline import EventQuerySet
from customers.queries.gates import withheld_from_programs
from customers.queries.timeline import event_kinds


def told_to_programs(customer: Customer) -> EventQuerySet:
    """Return the customer's events but for those of data that they do not let programs know."""
    withheld = withheld_from_programs([customer.pk])[customer.pk]
    kinds = [code for code, kind in event_kinds().items() if kind.category in withheld]
    of_staff = DeclaredKind.objects.filter(category__in=withheld).values("code")
    told: EventQuerySet = customer.events.exclude(kind__in=kinds).exclude(kind__in=of_staff)
    return told
