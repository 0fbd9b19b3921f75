from datetime import datetime

from django.db.models import DateField, F, Func

from customers.enums import BirthDatePolicy
from customers.models import Customer
from customers.queries.birth_dates import birth_date_policy
from customers.rules.birth_dates import YEAR_NOT_KEPT

A_FEW_SECONDS_OF_PEOPLE = 20_000


def cut_birth_dates(*, at: datetime, limit: int = A_FEW_SECONDS_OF_PEOPLE) -> int:
    """Cut what the shop does not keep off the birth dates of so many customers; return how many.

    0 when nothing is left to cut.
    """
    policy = birth_date_policy()
    said_too_much = Customer.objects.filter(birth_date__isnull=False)
    if policy == BirthDatePolicy.FULL:
        return 0
    if policy == BirthDatePolicy.DAY_AND_MONTH:
        said_too_much = said_too_much.exclude(birth_date__year=YEAR_NOT_KEPT)
    rest = _IN_NO_YEAR if policy == BirthDatePolicy.DAY_AND_MONTH else None
    people = Customer.objects.filter(pk__in=said_too_much.values("pk")[:limit])
    return people.update(birth_date=rest, updated_at=at)


_IN_NO_YEAR = Func(
    F("birth_date"),
    template=(
        f"make_date({YEAR_NOT_KEPT}, extract(month FROM %(expressions)s)::int,"
        " extract(day FROM %(expressions)s)::int)"
    ),
    output_field=DateField(),
)
