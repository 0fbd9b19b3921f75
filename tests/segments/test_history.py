"""How a segment's page tells its growth."""

from datetime import date, timedelta

import pytest

from segments.enums import Cause
from segments.models import Membership
from segments.operations.handpicking import remove_by_hand
from segments.operations.refreshing import refresh
from segments.queries.history import Day, history
from tests.factories import NOW, allow, make_customer
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_the_size_of_each_day_follows_who_came_and_who_left():
    segment = make_segment()
    ana = allow(make_customer(city="Porto"))
    bia = allow(make_customer(city="Porto"))
    refresh(segment, at=NOW - 3 * DAY)
    Membership.objects.create(
        segment=segment, customer=make_customer(), entered_at=NOW - 2 * DAY, cause=Cause.MANUAL
    )
    allow(make_customer(city="Porto"))
    refresh(segment, at=NOW - 2 * DAY)
    for customer in (ana, bia):
        customer.city = "Braga"
        customer.save()
    refresh(segment, at=NOW)

    assert history(segment, days=30, at=NOW) == [
        Day(date(2026, 2, 27), size=2),
        Day(date(2026, 2, 28), size=4, entered={Cause.RULE: 1, Cause.MANUAL: 1}),
        Day(date(2026, 3, 1), size=4),
        Day(date(2026, 3, 2), size=2, left=2),
    ]


def test_whoever_was_taken_out_by_hand_is_told_as_such():
    segment = make_segment()
    ana = allow(make_customer(city="Porto"))
    refresh(segment, at=NOW - DAY)
    remove_by_hand(segment, ana, reason="Asked for it", by=None, at=NOW)

    assert history(segment, days=30, at=NOW) == [
        Day(date(2026, 3, 1), size=1),
        Day(date(2026, 3, 2), size=0, left=1, removed=1),
    ]


def test_what_was_before_the_days_shown_counts_for_the_size():
    segment = make_segment()
    allow(make_customer(city="Porto"))
    refresh(segment, at=NOW - 40 * DAY)

    assert history(segment, days=2, at=NOW) == [
        Day(date(2026, 3, 1), size=1),
        Day(date(2026, 3, 2), size=1),
    ]


def test_days_are_the_shops():
    segment = make_segment()
    refresh(segment, at=NOW - DAY)
    late = NOW.replace(hour=1)
    Membership.objects.create(
        segment=segment, customer=make_customer(), entered_at=late, cause=Cause.MANUAL
    )

    yesterday, today = history(segment, days=30, at=NOW)

    # In São Paulo it is still ten in the evening.
    assert (yesterday.entered, today.entered) == ({Cause.MANUAL: 1}, {})


def test_before_the_first_fill_is_over_there_is_no_history(django_assert_num_queries):
    segment = make_segment()

    assert history(segment, days=30, at=NOW) == []

    refresh(segment, at=NOW)
    with django_assert_num_queries(1):
        assert len(history(segment, days=30, at=NOW)) == 1
