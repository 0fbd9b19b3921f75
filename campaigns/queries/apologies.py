from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils.timezone import get_default_timezone

from campaigns.enums import ApologyState
from campaigns.models import Apology
from campaigns.rules.apologies import MANY_WITHIN_DAYS
from campaigns.rules.validity import start_of_day
from common.models import User
from customers.models import Customer


def given_today(agent: User, *, at: datetime) -> Decimal:
    """Return what the agent gave today, in the shop's day, without a second person."""
    today = Apology.objects.filter(
        requested_by=agent,
        state=ApologyState.ISSUED,
        decided_by=None,
        requested_at__gte=start_of_day(at, zone=get_default_timezone()),
    )
    return today.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def recent(customer: Customer, *, at: datetime) -> QuerySet[Apology]:
    """Return the customer's apologies that still say something about the next one."""
    since = at - timedelta(days=MANY_WITHIN_DAYS)
    mine = Apology.objects.filter(customer=customer, requested_at__gt=since)
    return mine.exclude(Q(state=ApologyState.DECLINED)).order_by("-requested_at")


def to_email(*, at: datetime) -> QuerySet[Apology]:
    """Return those whose e-mail nobody is sending."""
    waiting = Apology.objects.filter(state=ApologyState.ISSUED, emailed_at=None, email_problem="")
    return waiting.filter(Q(email_lease_until=None) | Q(email_lease_until__lte=at)).order_by("id")
