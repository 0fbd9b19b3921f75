from time import monotonic

from celery import shared_task
from django.utils.timezone import now

from common.bell import ring
from consent.operations.limits import forget_tallies as forget_old_tallies
from consent.operations.retention import begin_retention, go_on_retention

# Then other tasks have their turn; far below the time limit of tasks.
SECONDS_OF_ENDING = 60


@shared_task
def end_what_is_old() -> None:
    """Begin the night's run: what was kept for as many months as the shop said goes."""
    begin_retention(at=now())
    ring(go_on_ending_what_is_old)


@shared_task
def go_on_ending_what_is_old() -> None:
    ends = monotonic() + SECONDS_OF_ENDING
    while monotonic() < ends:
        if go_on_retention(at=now()) is None:
            return
    ring(go_on_ending_what_is_old)


@shared_task
def forget_tallies() -> None:
    forget_old_tallies(at=now())
