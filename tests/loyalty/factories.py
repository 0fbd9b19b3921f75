"""Members and their points; the rest is in tests/factories.py."""

from datetime import datetime

from customers.models import Customer
from loyalty.models import Member
from loyalty.operations.members import enrol
from loyalty.operations.points import adjust
from loyalty.queries import the_programme
from tests.factories import NOW, make_customer, make_user


def make_member(
    *, customer: Customer | None = None, balance: int = 0, at: datetime = NOW
) -> Member:
    customer = customer or make_customer(at=at)
    enrol(the_programme(), customers=[customer.pk], at=at)
    member = Member.objects.get(customer=customer)
    if balance:
        give(member, balance, at=at)
    return member


def give(member: Member, points: int, *, at: datetime = NOW) -> None:
    """Give the member a lot of its own, which expires a year after ``at``."""
    number = member.transactions.count()
    adjust(
        member,
        points=points,
        reason="welcome",
        reference=f"gift:{member.pk}:{number}",
        at=at,
        by=make_user(),
    )
