"""What ends when a birth date makes somebody a minor, and what is asked when they are of age."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from common.errors import DomainError
from consent.enums import Act, ActorKind, Channel
from consent.models import CollectionPoint, ConsentEvent, PendingOptIn
from consent.operations.endings import end_what_stands
from consent.operations.opt_ins import Asked, ask
from consent.queries.settings import privacy_settings
from consent.rules.ages import Age, age_of
from consent.rules.opt_in import FORGET_AFTER
from customers.enums import Category
from customers.models import Customer
from customers.queries.languages import language_of
from customers.rules.birth_dates import FIRST_KNOWN_YEAR

SIGN_UP = "sign_up"
# The highest age of consent that the settings take.
ELDEST_LIMIT = 21


def birth_date_told(customer: Customer, *, at: datetime) -> None:
    """End what somebody allowed by themselves who turns out to be a minor, at once."""
    today = _shops_day(at)
    # Most are older than any shop can ask: they cost no look at its settings.
    if age_of(customer.birth_date, on=today, age_of_consent=ELDEST_LIMIT) != Age.UNDER_AGE:
        return
    limit = privacy_settings().age_of_consent
    if age_of(customer.birth_date, on=today, age_of_consent=limit) == Age.UNDER_AGE:
        stop_minors([customer.pk], at=at)


@transaction.atomic
def stop_minors(people: Sequence[int], *, at: datetime) -> int:
    """End what these minors, by id, allowed without a guardian; return how many permissions."""
    ended = end_what_stands(
        people,
        joins="JOIN consent_consentevent granted ON granted.id = scope.granted_id",
        ended=f"granted.actor_kind <> '{ActorKind.GUARDIAN}' AND purpose.needs_opt_in",
        at=at,
    )
    return len(ended)


def find_minors(*, at: datetime) -> int:
    """End what minors allowed whose birth dates came in by files; return how many permissions."""
    limit = privacy_settings().age_of_consent
    today = _shops_day(at)
    # Earlier than any of them: the exact day is asked of each.
    eldest = date(today.year - limit - 1, today.month, 1)
    young = Customer.objects.present().filter(
        birth_date__gt=max(eldest, FIRST_KNOWN_YEAR), permissions__isnull=False
    )
    minors = [
        pk
        for pk, born in young.distinct().values_list("pk", "birth_date").order_by("pk")
        if age_of(born, on=today, age_of_consent=limit) == Age.UNDER_AGE
    ]
    return stop_minors(minors, at=at) if minors else 0


def ask_those_of_age(*, at: datetime) -> int:
    """Ask by e-mail whoever came of age whether what a guardian allowed goes on; return how many.

    Each once for each purpose; by the time rows that wait are forgotten, nobody is found any more.
    """
    over = ConsentEvent.objects.filter(
        act=Act.GIVEN,
        actor_kind=ActorKind.GUARDIAN,
        channel=Channel.EMAIL,
        valid_until__lte=at,
        valid_until__gt=at - FORGET_AFTER + timedelta(days=1),
        customer__erased_at=None,
        customer__email__gt="",
    )
    related = ("customer", "purpose")
    asked = 0
    for event in over.select_related(*related).order_by("customer", "purpose", "-id"):
        asked += _ask(event, at=at)
    return asked


@transaction.atomic
def _ask(event: ConsentEvent, *, at: datetime) -> bool:
    customer = event.customer
    known = PendingOptIn.objects.filter(
        customer=customer, purpose=event.purpose, of_age=True, channel=Channel.EMAIL
    )
    of_age = age_of(
        customer.birth_date,
        on=_shops_day(at),
        age_of_consent=privacy_settings().age_of_consent,
    )
    if known.exists() or of_age != Age.OF_AGE:
        return False
    same_day = ConsentEvent.objects.filter(
        customer=customer,
        purpose=event.purpose,
        actor_kind=ActorKind.GUARDIAN,
        act=Act.GIVEN,
        valid_until=event.valid_until,
    ).exclude(category="")
    asked = Asked(
        channel=Channel.EMAIL,
        address=customer.email,
        purpose=event.purpose,
        categories=[Category(it) for it in same_day.values_list("category", flat=True)],
        collection_point=CollectionPoint.objects.get(pk=SIGN_UP),
        language=language_of(customer),
        customer=customer,
        of_age=True,
    )
    try:
        ask(asked, at=at)
    except DomainError:
        # The shop closed the page, or the purpose: then nothing is asked.
        return False
    return True


def _shops_day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)).date()
