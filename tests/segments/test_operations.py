from datetime import timedelta

import pytest
from django.db import connection, transaction

from common.models import AuditEntry
from consent.enums import Act, Channel
from customers.enums import Category
from customers.models import Customer
from segments import queries
from segments.enums import Cause
from segments.models import Membership, Segment
from segments.operations.refreshing import (
    Delta,
    _refresh_some,
    _write_delta,
    hold,
    keep_fresh,
    keep_waiting_fresh,
    refresh,
)
from segments.operations.saving import NameTaken, ask_for_refresh, save_segment
from segments.queries import members, patience
from segments.rules import BadRule
from tests.factories import NOW, allow, make_choice, make_customer, make_user
from tests.races import at_once
from tests.segments.factories import IN_PORTO, make_segment
from tests.segments.failing import DIVIDES, declare_failing

LATER = NOW + timedelta(hours=1)


def stays(segment):
    return list(
        segment.memberships.order_by("entered_at", "id").values_list(
            "customer_id", "entered_at", "left_at", "cause"
        )
    )


@pytest.mark.django_db
def test_a_saved_segment_waits_for_its_members():
    segment = make_segment(by=make_user())

    assert segment.refreshed_at is None
    assert AuditEntry.objects.get().action == "segments.created"


@pytest.mark.django_db
def test_another_name_leaves_the_members_right_and_another_rule_does_not():
    segment = make_segment()
    refresh(segment, at=NOW)

    segment.name = "People of Porto"
    save_segment(segment, by=None, at=LATER)
    assert segment.refreshed_at == NOW

    segment.rule = {"none": IN_PORTO["all"]}
    save_segment(segment, by=None, at=LATER)
    assert segment.refreshed_at is None


@pytest.mark.django_db
def test_a_segment_is_not_saved_with_a_bad_rule_or_a_name_twice():
    make_segment(name="Porto")

    with pytest.raises(NameTaken):
        make_segment(name="Porto")
    with pytest.raises(BadRule):
        make_segment(rule={"all": []})
    assert Segment.objects.count() == 1


@pytest.mark.django_db
def test_a_refresh_lets_in_and_sends_away():
    stays_here, moves_away = (allow(make_customer(city="Porto")) for _ in range(2))
    segment = make_segment()

    assert refresh(segment, at=NOW) == Delta(entered=2, left=0)

    moves_away.city = "Faro"
    moves_away.save()
    comes = allow(make_customer(city="Porto"))

    assert refresh(segment, at=LATER) == Delta(entered=1, left=1)
    assert stays(segment) == [
        (stays_here.pk, NOW, None, "rule"),
        (moves_away.pk, NOW, LATER, "rule"),
        (comes.pk, LATER, None, "rule"),
    ]
    assert set(members(segment)) == {stays_here, comes}
    assert (segment.member_count, segment.refreshed_at) == (2, LATER)


@pytest.mark.django_db
def test_whoever_comes_back_begins_a_second_stay():
    customer = allow(make_customer(city="Porto"))
    segment = make_segment()
    for hour, city in enumerate(["Porto", "Faro", "Porto"]):
        customer.city = city
        customer.save()
        refresh(segment, at=NOW + timedelta(hours=hour))

    assert stays(segment) == [
        (customer.pk, NOW, NOW + timedelta(hours=1), "rule"),
        (customer.pk, NOW + timedelta(hours=2), None, "rule"),
    ]


@pytest.mark.django_db
def test_a_refresh_without_change_writes_no_membership():
    for _ in range(3):
        allow(make_customer(city="Porto"))
    segment = make_segment()
    refresh(segment, at=NOW)
    before = versions()

    assert refresh(segment, at=LATER) == Delta(entered=0, left=0)
    assert versions() == before
    assert segment.refreshed_at == LATER


def versions():
    """Return the physical rows: each write would make a new one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text, xmin::text FROM segments_membership ORDER BY id")
        return cursor.fetchall()


@pytest.mark.django_db
def test_whoever_withdraws_leaves_at_the_next_refresh():
    customer = allow(make_customer(city="Porto"))
    segment = make_segment()
    refresh(segment, at=NOW)

    make_choice(customer, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])

    assert refresh(segment, at=LATER) == Delta(entered=0, left=1)
    assert not members(segment).exists()


@pytest.mark.django_db
def test_whoever_was_added_by_hand_stays():
    customer = allow(make_customer(city="Faro"), Channel.EMAIL)
    segment = make_segment()
    Membership.objects.create(
        segment=segment, customer=customer, entered_at=NOW, cause=Cause.MANUAL
    )

    assert refresh(segment, at=LATER) == Delta(entered=0, left=0)
    assert segment.member_count == 1


@pytest.mark.django_db
def test_a_refresh_that_comes_late_changes_nothing():
    segment = make_segment()
    refresh(segment, at=LATER)
    allow(make_customer(city="Porto"))

    assert refresh(segment, at=NOW) == Delta(entered=0, left=0)
    assert segment.refreshed_at == LATER


@pytest.mark.django_db
def test_what_goes_wrong_stands_on_the_segment_and_holds_up_no_other():
    broken, sound = make_segment(), make_segment()
    Segment.objects.filter(pk=broken.pk).update(
        rule={"all": [{"trait": "gone.away", "operator": "is", "value": 1}]}
    )

    keep_waiting_fresh(clock=lambda: NOW)

    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.error, broken.refreshed_at) == ("Choose what to ask about.", None)
    assert (sound.error, sound.refreshed_at) == ("", NOW)


@pytest.mark.django_db
def test_an_error_goes_when_the_segment_is_right_again():
    segment = make_segment()
    Segment.objects.filter(pk=segment.pk).update(error="It broke.")

    keep_fresh(segment, at=NOW)

    assert Segment.objects.get().error == ""


def test_a_rule_that_is_long_to_answer_keeps_no_reader_of_the_timeline_waiting(real_db):
    allow(make_customer(city="Porto"))
    segment = make_segment()
    refresh(segment, at=NOW)

    with transaction.atomic(), connection.cursor() as cursor:
        hold(segment)
        came, gone = _write_delta(segment, at=LATER)
        # Whoever has a number here, has written.
        cursor.execute("SELECT pg_current_xact_id_if_assigned()")
        number = cursor.fetchone()

    assert (came.count, gone.count, number) == (0, 0, (None,))


def test_one_name_is_given_once_however_many_ask(real_db):
    saved = at_once(*[lambda: make_segment(name="Porto", by=None)] * 4)

    refused = [answer for answer in saved if not isinstance(answer, Segment)]
    assert [type(answer) for answer in refused] == [NameTaken] * 3


def test_two_refreshes_at_once_let_everybody_in_once(real_db):
    for _ in range(20):
        allow(make_customer(city="Porto"))
    segment = make_segment()

    def one_refresh():
        return refresh(Segment.objects.get(pk=segment.pk), at=NOW)

    deltas = at_once(*[one_refresh] * 4)

    assert sorted(delta.entered for delta in deltas) == [0, 0, 0, 20]
    assert members(segment).count() == 20


# The first fill


def make_people(count: int) -> list[Customer]:
    return [allow(make_customer(city="Porto")) for _ in range(count)]


@pytest.mark.django_db
def test_a_first_fill_in_chunks_finds_the_same_people():
    people = make_people(5)
    segment = make_segment()

    assert refresh(segment, at=NOW, chunk=2) == Delta(entered=5, left=0)

    assert set(members(segment)) == set(people)
    assert (segment.member_count, segment.filled_at, segment.refreshed_at) == (5, NOW, NOW)


@pytest.mark.django_db
def test_a_first_fill_shows_nobody_until_everybody_is_there():
    people = make_people(5)
    segment = make_segment()

    _refresh_some(segment, at=NOW, chunk=2)

    assert segment.memberships.count() == 2
    assert not members(segment).exists()
    assert not queries.stays(segment).exists()
    assert queries.filled_percent(segment) == 100 * people[1].pk // people[-1].pk


@pytest.mark.django_db
def test_a_first_fill_that_died_goes_on_where_it_ended():
    make_people(5)
    segment = make_segment()
    _refresh_some(segment, at=NOW, chunk=2)

    assert refresh(segment, at=LATER, chunk=2) == Delta(entered=3, left=0)

    assert members(segment).count() == segment.memberships.count() == 5


@pytest.mark.django_db
def test_another_rule_during_the_first_fill_keeps_nobody_of_the_old_one():
    make_people(4)
    elsewhere = allow(make_customer(city="Recife"))
    segment = make_segment()
    _refresh_some(segment, at=NOW, chunk=2)

    segment.rule = {"none": IN_PORTO["all"]}
    save_segment(segment, by=None, at=NOW)
    refresh(segment, at=LATER, chunk=2)

    assert set(members(segment)) == {elsewhere}


@pytest.mark.django_db
def test_what_somebody_asks_for_is_found_without_refreshing_the_others():
    asked, fresh, new = make_segment(), make_segment(), make_segment()
    refresh(asked, at=NOW)
    refresh(fresh, at=NOW)

    ask_for_refresh(asked, by=make_user(), at=NOW)
    keep_waiting_fresh(clock=lambda: LATER)

    refreshed = dict(Segment.objects.values_list("pk", "refreshed_at"))
    assert refreshed == {asked.pk: LATER, fresh.pk: NOW, new.pk: LATER}
    assert not Segment.objects.waiting(at=LATER).exists()


@pytest.mark.django_db
def test_a_segment_that_fails_is_not_tried_again_and_again():
    segment = make_segment()
    Segment.objects.update(rule={"all": [{"trait": "gone", "operator": "is", "value": "x"}]})

    keep_waiting_fresh(clock=lambda: NOW)

    segment.refresh_from_db()
    assert segment.error
    assert (segment.failed_at, segment.failures) == (NOW, 1)
    assert not Segment.objects.waiting(at=NOW).exists()
    assert Segment.objects.waiting(at=NOW + timedelta(minutes=1)).exists()


@pytest.mark.django_db
def test_a_segment_that_the_database_fails_at_keeps_no_other_waiting(monkeypatch):
    declare_failing(monkeypatch)
    customer = allow(make_customer(city="Porto"))
    bad, good = make_segment(rule=DIVIDES), make_segment()

    keep_waiting_fresh(clock=lambda: NOW)

    bad.refresh_from_db()
    assert "cannot work it out" in bad.error
    assert (bad.failed_at, bad.refreshed_at) == (NOW, None)
    assert set(members(good).values_list("pk", flat=True)) == {customer.pk}


@pytest.mark.django_db
def test_patience_within_patience_leaves_the_time_as_it_was():
    with patience(5):
        with patience(1):
            assert statement_timeout() == "1s"
        assert statement_timeout() == "5s"
    assert statement_timeout() == "0"


def statement_timeout():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]
