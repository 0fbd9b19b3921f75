from time import monotonic

import structlog
from celery import shared_task
from django.utils.timezone import now

from common.bell import ring
from consent.operations import coming_of_age, inbound, opt_in_messages, opt_ins, packages
from consent.operations.endings import expire, go_on_suspending
from consent.operations.limits import forget_tallies as forget_old_tallies
from consent.operations.package_mail import send_codes, send_links
from consent.operations.proofs import prove
from consent.operations.request_mail import remind_officers, tell_answers
from consent.operations.retention import begin_retention, go_on_retention

# Then other tasks have their turn; far below the time limit of tasks.
SECONDS_OF_ENDING = 60
SECONDS_OF_PACKAGES = 60

log = structlog.get_logger(__name__)


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


@shared_task
def expire_permissions() -> None:
    """End what was valid until now."""
    ends = monotonic() + SECONDS_OF_ENDING
    while monotonic() < ends:
        if not expire(at=now()):
            return
    ring(expire_permissions)


@shared_task
def suspend_permissions() -> None:
    """End what rests on words that changed."""
    ends = monotonic() + SECONDS_OF_ENDING
    while monotonic() < ends:
        if go_on_suspending(at=now()) is None:
            return
    ring(suspend_permissions)


@shared_task
def prove_permissions() -> None:
    """Prove that what is permitted is what people chose, and keep what was found."""
    run = prove(at=now())
    if run.faults:
        log.error(
            "permissions differ from choices",
            proof=run.pk,
            differences=run.differences,
            chains_broken=run.chains_broken,
        )


@shared_task
def send_opt_ins() -> None:
    opt_in_messages.send_opt_ins(at=now())


@shared_task
def forget_opt_ins() -> None:
    opt_ins.forget(at=now())


@shared_task
def mind_ages() -> None:
    """End what minors allowed by themselves; ask those who came of age."""
    coming_of_age.find_minors(at=now())
    coming_of_age.ask_those_of_age(at=now())


@shared_task
def settle_unread() -> None:
    inbound.take_at_word(at=now())


@shared_task
def remind_of_requests() -> None:
    remind_officers(at=now())


@shared_task
def answer_requests() -> None:
    tell_answers(at=now())


@shared_task
def make_packages() -> None:
    """Put together what people asked for about themselves, and send them the links."""
    ends = monotonic() + SECONDS_OF_PACKAGES
    packages.give_up(at=now())
    while monotonic() < ends and packages.build_next(at=now()):
        send_links(at=now())
    send_links(at=now())


@shared_task
def send_package_codes() -> None:
    send_codes(at=now())


@shared_task
def remove_packages() -> None:
    """Remove files that were taken, or that nobody took in 72 hours."""
    packages.remove_old(at=now())
