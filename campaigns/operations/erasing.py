"""Vouchers of somebody who is erased."""

from collections.abc import Sequence

from django.db.models import QuerySet

from campaigns.enums import ApologyState, EmailProblem
from campaigns.models import Apology, Voucher
from common.keys import seal
from customers.models import Customer
from customers.operations.erasing import Leaving


def open_vouchers(people: Sequence[Customer]) -> QuerySet[Voucher]:
    return Voucher.objects.filter(customer__in=people, voided_at=None)


def let_go(leaving: Leaving) -> None:
    """Void their vouchers and forget the codes; what waits to be approved or e-mailed ends."""
    open_vouchers(leaving.records).update(voided_at=leaving.at)
    # The hash stays: a till that tries the code is told that it was voided.
    Voucher.objects.filter(customer__in=leaving.ids).update(code_sealed=seal(""))
    apologies = Apology.objects.filter(customer__in=leaving.ids)
    apologies.filter(state=ApologyState.WAITING).update(
        state=ApologyState.DECLINED, decided_at=leaving.at
    )
    unsent = apologies.filter(state=ApologyState.ISSUED, emailed_at=None, email_problem="")
    unsent.update(email_problem=EmailProblem.NO_ADDRESS)
