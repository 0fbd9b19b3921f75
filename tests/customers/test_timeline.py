import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event as Flag
from threading import Thread

import pytest
from django.db import OperationalError, connection, transaction

from common.models import AuditEntry
from customers.models import (
    Cart,
    ConsumerFault,
    ConsumerPosition,
    Customer,
    Event,
    Generation,
)
from customers.operations.consuming import (
    TRIES,
    StillFails,
    consume,
    follow,
    replay,
    try_again,
)
from customers.operations.timeline import (
    NewEvent,
    UnknownKind,
    ensure_generation,
    record_event,
    record_events,
    timeline_grew,
)
from customers.queries.timeline import consumers
from customers.rules import Consumer, Span
from tests.factories import NOW, make_customer, make_user
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


def read(
    name: str = "reader",
    react: Callable[[Span], None] = note,
    limit: int = 10_000,
    after: str | None = None,
) -> bool:
    return consume(name, react, at=NOW, limit=limit, after=after)


def read_until(
    done: Callable[[], bool],
    name: str = "reader",
    react: Callable[[Span], None] = note,
    limit: int = 10_000,
    after: str | None = None,
) -> None:
    """Read as a scheduler does: again and again; the server's own work may delay the horizon."""
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, f"only {noted()} were read"
        if not read(name, react, limit, after):
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


# A reaction that fails


class Poisoned(Exception):
    pass


def fail_at(*poison: str) -> Callable[[Span], None]:
    """Note every event, and fail where one of these is among them."""

    def react(span: Span) -> None:
        note(span)
        if Event.objects.within(span).filter(reference__in=poison).exists():
            raise Poisoned('not the name: "Ana"')

    return react


def try_until(done: Callable[[], bool], react: Callable[[Span], None]) -> datetime:
    """Read again and again, a minute later each time; return when it was done."""
    at = NOW
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, f"only {noted()} were read"
        at += timedelta(minutes=1)
        while consume("reader", react, at=at, limit=8):
            pass
    return at


def fails() -> bool:
    return ConsumerPosition.objects.filter(failures__gt=0).exists()


def position_of(name: str = "reader") -> ConsumerPosition:
    return ConsumerPosition.objects.with_unread_since().with_set_aside().get(name=name)


def test_a_failure_is_written_down_and_what_came_before_it_is_kept(real_db):
    happen(*(f"case:{number}" for number in range(6)))

    at = try_until(fails, fail_at("case:4"))

    stopped = position_of()
    assert noted() == ["case:0", "case:1", "case:2", "case:3"]
    assert (stopped.failures, stopped.failed_at) == (1, at)
    assert stopped.error == "Poisoned: not the name: …"
    assert stopped.unread_since == Event.objects.get(reference="case:4").recorded_at


def test_a_failed_event_is_not_tried_before_its_time(real_db):
    happen("case:1")
    at = try_until(fails, fail_at("case:1"))

    assert not consume("reader", note, at=at)
    assert noted() == []


def test_a_failure_that_passes_costs_nothing(real_db):
    happen("case:1", "case:2")
    at = try_until(fails, fail_at("case:1"))

    consume("reader", note, at=at + timedelta(minutes=1))

    recovered = position_of()
    assert noted() == ["case:1", "case:2"]
    assert (recovered.failures, recovered.retry_at, recovered.set_aside) == (0, None, 0)


def test_an_event_that_fails_for_ever_is_set_aside_and_the_others_go_on(real_db):
    happen(*(f"case:{number}" for number in range(20)))

    try_until(lambda: len(noted()) == 18, fail_at("case:3", "case:11"))

    faults = list(ConsumerFault.objects.order_by("event_id"))
    events = Event.objects.filter(reference__in=["case:3", "case:11"]).order_by("id")
    assert [fault.event_id for fault in faults] == [event.pk for event in events]
    assert {(fault.kind, fault.error) for fault in faults} == {(KIND, "Poisoned: not the name: …")}
    assert noted() == [f"case:{number}" for number in range(20) if number not in (3, 11)]


def test_a_database_that_fails_sets_nothing_aside(real_db):
    happen("case:1")

    def refused(span: Span) -> None:
        raise OperationalError("out of memory")

    for minute in range(2 * TRIES):
        consume("reader", refused, at=NOW + timedelta(minutes=minute))
    assert not ConsumerFault.objects.exists()

    try_until(lambda: noted() == ["case:1"], note)


def test_what_the_database_refuses_only_at_the_end_counts_as_failed(real_db):
    """An order without a customer: a foreign key is checked when the transaction commits."""
    happen("case:1")

    def point_nowhere(span: Span) -> None:
        Cart.objects.create(external_id="c", customer_id=987654, total=1, changed_at=NOW)

    try_until(lambda: ConsumerFault.objects.exists(), point_nowhere)

    assert not Cart.objects.exists()


def test_staff_may_have_it_tried_again_at_once(real_db, bells):
    happen("case:1")
    at = try_until(fails, fail_at("case:1"))
    bells.clear()

    try_again(position_of(), by=make_user(), at=at)

    assert bells == ["ding"]
    assert consume("reader", note, at=at)


@pytest.fixture
def readers(monkeypatch) -> dict[str, Consumer]:
    """The consumers that are declared, with room for one of the test's own."""
    monkeypatch.setitem(consumers(), "reader", Consumer("reader", "Reads", _note_at))
    return consumers()


def _note_at(span: Span, *, at: datetime) -> None:
    note(span)


def test_an_event_set_aside_is_replayed_once(real_db, readers):
    happen("case:1", "case:2", "case:3")
    at = try_until(lambda: len(noted()) == 2, fail_at("case:2"))
    fault = ConsumerFault.objects.get()

    replay(fault, by=make_user(), at=at)
    replay(fault, by=make_user(), at=at)

    assert noted() == ["case:1", "case:3", "case:2"]
    assert ConsumerFault.objects.get().replayed_at == at
    assert position_of().set_aside == 0


def test_an_event_that_still_fails_stays_set_aside(real_db, readers):
    happen("case:1")
    at = try_until(lambda: ConsumerFault.objects.exists(), fail_at("case:1"))

    def still(span: Span, *, at: datetime) -> None:
        note(span)
        raise ZeroDivisionError("again")

    readers["reader"] = Consumer("reader", "Reads", still)
    with pytest.raises(StillFails):
        replay(ConsumerFault.objects.get(), by=make_user(), at=at)

    assert noted() == []
    fault = ConsumerFault.objects.get()
    assert (fault.error, fault.replayed_at) == ("ZeroDivisionError: again", None)


# One after another


def noting(action: str) -> Callable[..., None]:
    """Return a reaction that notes each event under a name of its own."""

    def react(span: Span, *, at: datetime) -> None:
        events = Event.objects.within(span).filter(kind=KIND).order_by(*POSITION)
        AuditEntry.objects.bulk_create(
            AuditEntry(at=at, action=action, subject_type="event", reason=event.reference)
            for event in events
        )

    return react


def noted_by(*actions: str) -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(action__in=actions).order_by("id")
    return list(entries.values_list("action", "reason"))


FIRST = Consumer("first", "Goes first", noting("first"), limit=2)
SECOND = Consumer("second", "Comes after", noting("second"), limit=3, after=FIRST)


def follow_until(done: Callable[[], bool], consumer: Consumer) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, noted_by("first", "second")
        follow(consumer, at=NOW)


def test_a_consumer_reads_no_further_than_the_one_it_comes_after(real_db):
    happen("case:1", "case:2", "case:3")
    read_until(lambda: len(noted()) == 2, "other", limit=2)

    read_until(lambda: len(noted()) == 4, "follower", after="other")

    assert not read("follower", after="other")
    assert noted() == ["case:1", "case:2", "case:1", "case:2"]


def test_a_consumer_reads_nothing_after_one_that_never_ran(real_db):
    happen("case:1")

    assert not read("follower", after="nobody")
    # It could have been read.
    read_until(lambda: noted() == ["case:1"], "follower")


def test_following_brings_the_one_before_up_to_date_though_nobody_runs_it(real_db):
    happen("case:1", "case:2", "case:3")

    follow_until(lambda: len(noted_by("second")) == 3, SECOND)

    assert [reference for _, reference in noted_by("first")] == ["case:1", "case:2", "case:3"]
    for reference in ("case:1", "case:2", "case:3"):
        both = [name for name, it in noted_by("first", "second") if it == reference]
        assert both == ["first", "second"]


def test_a_consumer_waits_for_one_that_is_at_work(real_db):
    """Another worker holds the first consumer: the second sees nothing and stands in no queue."""
    happen("case:1")
    follow_until(lambda: len(noted_by("second")) == 1, SECOND)
    happen("case:2")
    with at_work("first"):
        follow(SECOND, at=NOW)
        assert noted_by("second") == [("second", "case:1")]

    follow_until(lambda: len(noted_by("second")) == 2, SECOND)


@contextmanager
def at_work(name: str) -> Iterator[None]:
    """Another connection that holds this consumer, as a worker in the middle of a span does."""
    holding, may_end = Flag(), Flag()

    def hold() -> None:
        with transaction.atomic():
            ConsumerPosition.objects.select_for_update().get(name=name)
            holding.set()
            may_end.wait(20)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    assert holding.wait(20)
    try:
        yield
    finally:
        may_end.set()
        thread.join()


def test_an_event_that_the_one_before_sets_aside_holds_nobody_up_for_long(real_db):
    happen("case:1", "case:2")

    def fail(span: Span, *, at: datetime) -> None:
        fail_at("case:1")(span)

    failing = Consumer("first", "Fails", fail)
    second = Consumer("second", "Comes after", noting("second"), after=failing)
    at = NOW
    waited = []
    while len(noted_by("second")) < 2:
        assert at < NOW + timedelta(minutes=10), noted_by("second")
        at += timedelta(minutes=1)
        follow(second, at=at)
        waited.append(len(noted_by("second")))

    assert waited[0] == 0
    assert ConsumerFault.objects.get().consumer_id == "first"


def test_when_a_consumer_has_read_those_who_come_after_are_woken(real_db, bells, readers):
    happen("case:1")
    bells.clear()

    read_until(lambda: noted() == ["case:1"])
    assert bells == []

    readers["second"] = Consumer("second", "Comes after", _note_at, after=readers["reader"])
    happen("case:2")
    bells.clear()
    read_until(lambda: len(noted()) == 2)
    assert bells == ["ding"]


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
