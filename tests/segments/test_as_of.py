"""Who was in a segment at a moment."""

from datetime import timedelta

import pytest

from segments.models import Membership, Segment
from segments.operations.refreshing import refresh
from segments.queries import members_as_of
from tests.factories import NOW, make_customer
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)


def stay(segment, *, entered_at, left_at=None, customer=None) -> Membership:
    return Membership.objects.create(
        segment=segment,
        customer=customer or make_customer(),
        entered_at=entered_at,
        left_at=left_at,
        cause="rule",
    )


def filled_segment() -> Segment:
    segment = make_segment()
    refresh(segment, at=NOW - 30 * A_DAY)
    return segment


def test_who_was_in_at_a_moment_had_come_and_not_left():
    segment = filled_segment()
    stays_on = stay(segment, entered_at=NOW - 5 * A_DAY)
    left_since = stay(segment, entered_at=NOW - 5 * A_DAY, left_at=NOW - A_DAY)
    stay(segment, entered_at=NOW - 5 * A_DAY, left_at=NOW - 3 * A_DAY)
    stay(segment, entered_at=NOW - A_DAY)
    stay(make_segment(), entered_at=NOW - 5 * A_DAY)

    found = members_as_of(segment, NOW - 2 * A_DAY)

    assert set(found) == {stays_on.customer, left_since.customer}


def test_whoever_leaves_at_a_moment_is_out_and_whoever_comes_is_in():
    segment, customer = filled_segment(), make_customer()
    stay(segment, entered_at=NOW - A_DAY, left_at=NOW, customer=customer)

    assert list(members_as_of(segment, NOW - A_DAY)) == [customer]
    assert not members_as_of(segment, NOW).exists()
