"""What this app holds about people, and what becomes of it when two records are one person."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from customers.enums import Category
from customers.models import Customer
from customers.rules.merging import Holding, MergePart
from segments.models import Membership
from segments.operations import end_second_stays, resume_second_stays

HOLDINGS = [Holding(Membership, Category.INFERRED)]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    theirs = Membership.objects.filter(customer=survivor, left_at=None).values("segment")
    names = Membership.objects.filter(customer=loser, left_at=None).exclude(segment__in=theirs)
    if found := list(names.order_by("segment__name").values_list("segment__name", flat=True)):
        yield _("Joins, until the rule is asked again: %(segments)s.") % {
            "segments": ", ".join(found)
        }


MERGE_PARTS = [MergePart(foresee=_foresee, before=end_second_stays, part=resume_second_stays)]
