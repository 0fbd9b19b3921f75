import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread

import pytest
from django.db import connection, transaction

from common.models import AuditEntry
from customers.models import ConsumerPosition, Customer, Event, Generation
from customers.operations.timeline import (
    NewEvent,
    UnknownKind,
    consume,
    ensure_generation,
    record_event,
    record_events,
    timeline_grew,
)
from customers.rules import Span
from tests.factories import NOW, make_customer
from tests.races import at_once

KIND = "customers.case_opened"
POSITION = ("generation", "xid", "id")


def happen(*references: str, customer: Customer | None = None) -> None:
    record_events(
        NewEvent(KIND, customer.pk if customer else None, NOW, reference)
        for reference in references
    )


def note(span: Span) -> None:
    """The effect in these tests: one audit entry for each event, in the order of the timeline."""
    events = Event.objects.within(span).filter(kind=KIND).order_by(*POSITION)
    AuditEntry.objects.bulk_create(
        AuditEntry(at=NOW, action="noted", subject_type="event", reason=event.reference)
        for event in events
    )


def noted() -> list[str]:
    entries = AuditEntry.objects.filter(action="noted").order_by("id")
    return list(entries.values_list("reason", flat=True))


def read(name: str = "reader", react: Callable[[Span], None] = note, limit: int = 10_000) -> bool:
    return consume(name, react, at=NOW, limit=limit)


def read_until(
    done: Callable[[], bool],
    name: str = "reader",
    react: Callable[[Span], None] = note,
    limit: int = 10_000,
) -> None:
    """Read as a scheduler does: again and again; the server's own work may delay the horizon."""
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline, f"only {noted()} were read"
        if not read(name, react, limit):
            time.sleep(0.01)


@contextmanager
def writing(*references: str) -> Iterator[Callable[[], None]]:
    """Another connection that has written these events and not committed; call to commit."""
    written, may_commit = Flag(), Flag()

    def write() -> None:
        try:
            with transaction.atomic():
                happen(*references)
                written.set()
                may_commit.wait(20)
        finally:
            connection.close()

    thread = Thread(target=write)

    def commit() -> None:
        may_commit.set()
        thread.join()

    thread.start()
    assert written.wait(20)
    yield commit
    commit()


# Writing


@pytest.mark.django_db
def test_event_is_written_with_its_customer_and_details():
    ana = make_customer()

    record_event(ana, kind=KIND, at=NOW, reference="case:1", data={"subject": "Late"})

    event = Event.objects.get(kind=KIND)
    assert (event.customer, event.occurred_at, event.data) == (ana, NOW, {"subject": "Late"})
    assert (event.generation, event.historic) == (1, False)


@pytest.mark.django_db
def test_event_again_with_the_same_reference_writes_nothing():
    record_event(None, kind=KIND, at=NOW, reference="case:1", data={"subject": "Late"})

    record_event(None, kind=KIND, at=NOW, reference="case:1", data={"subject": "Again"})

    assert Event.objects.get().data == {"subject": "Late"}


@pytest.mark.django_db
def test_kind_that_no_app_declares_is_refused():
    with pytest.raises(UnknownKind):
        record_events(
            [
                NewEvent(KIND, None, NOW, "case:1"),
                NewEvent("customers.abducted", None, NOW, "abduction:1"),
            ]
        )

    assert not Event.objects.exists()


@pytest.mark.django_db
def test_event_goes_with_the_transaction_of_the_thing_itself():
    with transaction.atomic():
        happen("case:1")
        transaction.set_rollback(True)

    assert not Event.objects.exists()


# The bell


@pytest.fixture
def bells() -> Iterator[list[str]]:
    rung: list[str] = []

    def ring(**_: object) -> None:
        rung.append("ding")

    timeline_grew.connect(ring, weak=False)
    yield rung
    timeline_grew.disconnect(ring)


def test_bell_rings_once_for_a_transaction_and_after_it(real_db, bells):
    with transaction.atomic():
        happen("case:1")
        with transaction.atomic():
            happen("case:2")
        happen("case:3", "case:4")
        assert bells == []

    assert bells == ["ding"]


def test_bell_is_silent_when_nothing_was_committed(real_db, bells):
    with transaction.atomic():
        happen("case:1")
        transaction.set_rollback(True)

    assert bells == []


def test_bell_rings_for_what_stands_when_a_part_was_undone(real_db, bells):
    with transaction.atomic():
        with transaction.atomic():
            happen("case:1")
            transaction.set_rollback(True)
        happen("case:2")

    assert bells == ["ding"]
    assert Event.objects.get().reference == "case:2"


def test_listener_that_fails_harms_nobody(real_db, bells):
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    timeline_grew.connect(fail, weak=False)
    try:
        happen("case:1")
    finally:
        timeline_grew.disconnect(fail)

    assert Event.objects.exists()


# Reading in order, each event once


def test_consumer_acts_on_each_event_once(real_db):
    happen("case:1", "case:2")
    read_until(lambda: len(noted()) == 2)
    happen("case:3")

    read_until(lambda: len(noted()) == 3)

    assert not read()
    assert noted() == ["case:1", "case:2", "case:3"]


def test_consumer_reads_in_portions(real_db):
    happen(*(f"case:{number}" for number in range(5)))
    read_until(lambda: len(noted()) == 2, limit=2)
    read_until(lambda: len(noted()) == 4, limit=2)

    read_until(lambda: len(noted()) == 5, limit=2)

    assert noted() == [f"case:{number}" for number in range(5)]


def test_consumers_keep_positions_of_their_own(real_db):
    happen("case:1")
    read_until(lambda: noted() == ["case:1"])

    read_until(lambda: noted() == ["case:1", "case:1"], "newcomer")

    assert not read()


def test_consumer_that_fails_reads_the_same_again(real_db):
    happen("case:1")

    def fail(span: Span) -> None:
        note(span)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_until(lambda: False, react=fail)
    assert noted() == []

    read_until(lambda: noted() == ["case:1"])


def test_consumer_sees_what_it_writes_itself_only_the_next_time(real_db):
    happen("case:1")

    def answer(span: Span) -> None:
        note(span)
        if Event.objects.within(span).filter(reference="case:1").exists():
            happen("case:2")

    read_until(lambda: noted() == ["case:1"], react=answer)
    assert Event.objects.filter(reference="case:2").exists()

    read_until(lambda: noted() == ["case:1", "case:2"])


def test_late_commit_of_an_early_transaction_is_not_skipped(real_db):
    with writing("early") as commit:
        happen("late")

        # The early one may still commit, so nothing after it is read.
        assert not read()
        assert noted() == []
        commit()

    read_until(lambda: len(noted()) == 2)
    assert noted() == ["early", "late"]


def test_undone_transaction_lets_the_others_through(real_db):
    with transaction.atomic():
        happen("undone")
        at_once(lambda: happen("other"), read)
        transaction.set_rollback(True)
    assert noted() == []

    read_until(lambda: noted() == ["other"])

    assert Event.objects.count() == 1


def test_many_commits_out_of_order_are_read_in_order(real_db):
    with writing("a") as commit_a, writing("b1", "b2") as commit_b, writing("c") as commit_c:
        commit_b()
        assert not read()
        commit_a()
        read_until(lambda: noted() == ["a", "b1", "b2"])
        commit_c()

    read_until(lambda: noted() == ["a", "b1", "b2", "c"])


def test_concurrent_writers_are_read_once_and_in_order(real_db):
    writers, each = 4, 15
    expected = writers * each

    def write(writer: int) -> None:
        for number in range(each):
            with transaction.atomic():
                happen(f"{writer}:{number}")
                time.sleep(0.001 * ((writer + number) % 4))

    at_once(
        *[lambda writer=writer: write(writer) for writer in range(writers)],
        lambda: read_until(lambda: len(noted()) >= expected, limit=7),
    )

    in_order = Event.objects.order_by(*POSITION).values_list("reference", flat=True)
    assert noted() == list(in_order)
    assert len(set(noted())) == expected
    for writer in range(writers):
        own = [reference for reference in noted() if reference.startswith(f"{writer}:")]
        assert own == [f"{writer}:{number}" for number in range(each)]


def test_two_workers_do_not_wait_for_each_other(real_db):
    happen("case:1")
    reading, may_finish = Flag(), Flag()

    def slowly(span: Span) -> None:
        note(span)
        reading.set()
        assert may_finish.wait(20), "the other one waited"

    def first() -> None:
        read_until(reading.is_set, react=slowly)

    def second() -> bool:
        assert reading.wait(20)
        try:
            return read()
        finally:
            may_finish.set()

    assert at_once(first, second) == [None, False]
    assert noted() == ["case:1"]


def test_many_workers_act_once(real_db):
    happen(*(f"case:{number}" for number in range(40)))

    at_once(*[lambda: read_until(lambda: len(noted()) >= 40, limit=3)] * 6)

    assert noted() == [f"case:{number}" for number in range(40)]


VICTIM = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from tests.customers.test_timeline import note, read

batches = 0

def react(span):
    global batches
    note(span)
    batches += 1
    if batches == 3:
        print("in the middle", flush=True)
        time.sleep(60)

while True:
    read(react=react, limit=10)
"""


@pytest.mark.fault
def test_consumer_killed_in_the_middle_of_a_batch_acts_once(real_db):
    happen(*(f"case:{number}" for number in range(35)))
    victim = subprocess.Popen([sys.executable, "-c", VICTIM], stdout=subprocess.PIPE)
    assert victim.stdout
    assert victim.stdout.readline() == b"in the middle\n"
    assert len(noted()) == 20

    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()

    read_until(lambda: len(noted()) == 35, limit=10)
    assert noted() == [f"case:{number}" for number in range(35)]
    assert not read()


# Another cluster


def restore_elsewhere() -> None:
    """Let the data look as if they came from another cluster, as after a restored dump."""
    Generation.objects.update(system_identifier="another cluster")


def test_first_generation_begins_with_the_first_reader(real_db):
    ensure_generation(at=NOW)
    ensure_generation(at=NOW)

    assert Generation.objects.get().number == 1


def test_restored_data_are_read_on_in_a_new_generation(real_db):
    happen("before")
    read_until(lambda: noted() == ["before"])
    position = ConsumerPosition.objects.get(name="reader")
    # The other cluster counted further than this one ever will.
    Event.objects.create(kind=KIND, occurred_at=NOW, reference="unread", xid=10**15)
    ConsumerPosition.objects.filter(name="reader").update(xid=10**15 - 1)
    restore_elsewhere()
    ensure_generation(at=NOW)
    happen("after")

    read_until(lambda: len(noted()) == 3)

    assert noted() == ["before", "unread", "after"]
    reached = ConsumerPosition.objects.get(name="reader")
    assert (position.generation, reached.generation) == (1, 2)
    assert reached.xid < 10**15
    assert Event.objects.get(reference="after").generation == 2


def test_generation_begins_once_however_many_notice(real_db):
    ensure_generation(at=NOW)
    restore_elsewhere()

    at_once(*[lambda: ensure_generation(at=NOW)] * 6)

    assert [each.number for each in Generation.objects.order_by("number")] == [1, 2]
