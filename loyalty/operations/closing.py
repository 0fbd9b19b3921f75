"""The end of a day: points expire, then tiers are set, member by member in chunks."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from loyalty.enums import ClosingStep
from loyalty.models import Closing
from loyalty.operations.points import expire
from loyalty.operations.tiers import set_all_tiers

# Each sees the next members after an id, and returns the id to go on after, or None at the end.
Step = Callable[..., int | None]
STEPS: dict[ClosingStep, Step] = {
    ClosingStep.EXPIRY: expire,
    ClosingStep.TIERS: set_all_tiers,
}
NEXT = dict(zip(STEPS, [*STEPS, None][1:], strict=True))

# Over in about a second: a long transaction would keep every consumer waiting.
CHUNK = 2000


def begin_closing(*, at: datetime) -> Closing:
    """Promise to close the day that has just ended; a second time changes nothing."""
    day = at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)).date()
    closing, _ = Closing.objects.get_or_create(day=day, defaults={"at": at})
    return closing


@transaction.atomic
def go_on_closing(*, at: datetime, limit: int = CHUNK) -> Closing | None:
    """Do the next chunk of the earliest day that is not closed, and save how far that came.

    Return the day's closing, finished or not; None when nothing is left to do, or another worker
    does it. Whoever goes on after a crash repeats nothing.
    """
    waiting = Closing.objects.filter(finished_at=None).order_by("day")
    closing = waiting.select_for_update(skip_locked=True).first()
    if closing is None:
        return None
    step = ClosingStep(closing.step)
    reached = STEPS[step](at=closing.at, after=closing.last_member, limit=limit)
    if reached is not None:
        closing.last_member = reached
    elif coming := NEXT[step]:
        closing.step, closing.last_member = coming, 0
    else:
        closing.finished_at = at
    closing.save()
    return closing
