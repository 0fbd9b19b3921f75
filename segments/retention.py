"""What counts as a use of a permission."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Value

from segments.compiler.sharing import SHARING
from segments.models import Disclosure


def _was_passed_on(since: datetime) -> Exists:
    told = Disclosure.objects.alias(purpose=Value(SHARING))
    return Exists(
        told.filter(purpose=OuterRef("purpose"), customer=OuterRef("customer"), told_at__gte=since)
    )


USES = [_was_passed_on]
