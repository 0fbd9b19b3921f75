"""What the timeline sets off: profiles and memberships follow whoever changed."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from customers.consumers import SEEN_READER
from customers.models import Customer, Event
from customers.operations.imports import people_touched
from customers.rules import Consumer, Span
from segments.enums import SweepReason
from segments.operations.reconsidering import reconsider
from segments.operations.sweeping import READER, ask_for_sweep

# What came of a change is no change: an entry never sets off its own segment again.
TOLD_BY_US = ("segments.entered", "segments.left")
# One event for all that a job changed: it names nobody, but they are known for three days.
JOBS = ("customers.file_imported", "customers.file_undone")
# Who bought of a category is another question when goods go from one to another.
GOODS = "products"
# More than that are looked at chunk by chunk.
MOST_OF_A_JOB = 10_000


def follow_changes(span: Span, *, at: datetime) -> None:
    """Reconsider everybody of whom these events tell, and the records merged into theirs.

    Where they tell of very many at once, everybody is looked at, chunk by chunk.
    """
    happened = Event.objects.within(span).exclude(kind__in=TOLD_BY_US)
    touched: set[int] = set()
    goods_changed = False
    for event in happened.filter(kind__in=JOBS).select_related("imported_by"):
        if event.imported_by:
            touched.update(people_touched(event.imported_by, limit=MOST_OF_A_JOB))
            goods_changed |= event.imported_by.kind == GOODS and event.data.get("updated") != 0
    if goods_changed or len(touched) >= MOST_OF_A_JOB:
        ask_for_sweep(SweepReason.MANY, at=at)
    named = happened.filter(customer__isnull=False).values_list("customer", flat=True)
    people = set(named.distinct()) | touched
    merged = Customer.objects.filter(merged_into__in=people).values_list("pk", flat=True)
    reconsider(people | set(merged), at=at)


CHANGES_READER = Consumer(
    name=READER,
    label=_("Segments follow whoever changed"),
    react=follow_changes,
    limit=5_000,
    after=SEEN_READER,
)
CONSUMERS = [CHANGES_READER]
