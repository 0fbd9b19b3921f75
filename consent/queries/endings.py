"""Permissions that end soon, so that people can be asked to renew them."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from consent.models import Permission

SOON = timedelta(days=30)


def ending_soon(*, at: datetime) -> QuerySet[Permission]:
    """Return the permissions of which something ends within 30 days, the next first."""
    soon = Permission.objects.filter(valid_until__gt=at, valid_until__lte=at + SOON)
    return soon.order_by("valid_until", "pk")
