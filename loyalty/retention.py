"""Whom points hold; the ledger itself is kept whole."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from loyalty.models import Account


def _holds_points(since: datetime) -> Exists:
    return Exists(Account.objects.filter(member__customer=OuterRef("pk"), balance__gt=0))


STAYING = [_holds_points]
