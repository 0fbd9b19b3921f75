from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from customers.models import Customer
from customers.operations.timeline import NewEvent, record_events
from loyalty.enums import AccountKind
from loyalty.models import Account, Member, Programme


@transaction.atomic
def enrol(programme: Programme, *, customers: Collection[int], at: datetime) -> None:
    """Make members of these customers, by id; who is one already, or was erased, stays as is."""
    newcomers = Customer.objects.present().filter(pk__in=customers, member=None).order_by("pk")
    Member.objects.bulk_create(
        (
            Member(customer=customer, programme=programme, joined_at=at)
            for customer in newcomers.only("pk")
        ),
        ignore_conflicts=True,
    )
    # Somebody else may have enrolled some of them at this moment: the rows tell, not our list.
    joined = list(Member.objects.filter(customer__in=customers, account=None))
    Account.objects.bulk_create(
        (
            Account(programme=programme, member=member, kind=AccountKind.AVAILABLE, balance=0)
            for member in joined
        ),
        ignore_conflicts=True,
    )
    record_events(
        NewEvent(
            kind="loyalty.joined",
            customer=member.customer_id,
            at=at,
            reference=f"member:{member.pk}:joined",
            data={"programme": programme.name},
        )
        for member in joined
    )
