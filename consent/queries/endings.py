"""Permissions that end soon, so that people can be asked to renew them."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from common.months import window_start
from consent.models import Permission
from consent.queries.ageing import unused
from consent.queries.retention import shop_zone
from consent.queries.settings import privacy_settings
from customers.rules.retention import Term

SOON = timedelta(days=30)


def ending_soon(*, at: datetime) -> QuerySet[Permission]:
    """Return the permissions of which something ends within 30 days, the next first."""
    soon = Permission.objects.filter(valid_until__gt=at, valid_until__lte=at + SOON)
    return soon.order_by("valid_until", "pk")


def unused_soon(*, at: datetime) -> QuerySet[Permission]:
    """Return the permissions that end within 30 days unless they are used, oldest first."""
    months = privacy_settings().permissions_unused_months
    if months is None:
        return Permission.objects.none()
    before = window_start(at + SOON, months=months, zone=shop_zone())
    return unused(Term(before)).order_by("changed_at", "pk")
