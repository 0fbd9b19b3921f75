from time import monotonic

from celery import shared_task
from django.utils.timezone import now

from common.bell import ring
from customers.operations.consuming import follow
from segments.consumers import CHANGES_READER
from segments.enums import SweepReason
from segments.operations.refreshing import (
    count_all_reachable,
    count_reachable_of_lists,
    keep_waiting_fresh,
)
from segments.operations.sweeping import ask_for_sweep, go_on_sweeping
from segments.operations.timing import follow_the_clock

# Then other tasks have their turn; whatever is left is found again within seconds.
SECONDS_OF_SWEEPING = 50


@shared_task
def follow_changes() -> None:
    """Bring profiles and memberships of whoever changed in line."""
    follow(CHANGES_READER, at=now())


@shared_task
def follow_time() -> None:
    """Ask again whoever may be answered otherwise because time has passed."""
    follow_the_clock(clock=now)


@shared_task
def refresh_waiting_segments() -> None:
    """Find the members of segments that are new or changed, or that somebody asked about."""
    keep_waiting_fresh(clock=now)
    count_reachable_of_lists(clock=now)


@shared_task
def follow_scores() -> None:
    """Look at everybody after the scores of the night, which no event tells of."""
    ask_for_sweep(SweepReason.MANY, at=now())
    ring(sweep)


@shared_task
def prove_segments() -> None:
    """Look at everybody, every night: whoever is not where the rules put them was forgotten."""
    ask_for_sweep(SweepReason.PROOF, at=now())
    count_all_reachable(clock=now)
    ring(sweep)


@shared_task
def sweep() -> None:
    """Look at everybody once more, where so many changed that nobody named them."""
    ends = monotonic() + SECONDS_OF_SWEEPING
    follow(CHANGES_READER, at=now())
    while go_on_sweeping(at=now()):
        if monotonic() > ends:
            ring(sweep)
            return
