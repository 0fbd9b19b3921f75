"""Somebody decides while others do, and while members are being found."""

from datetime import timedelta

from django.db import transaction

from segments.models import Segment
from segments.operations.handpicking import SegmentBusy, add_by_hand, remove_by_hand
from segments.operations.refreshing import hold, refresh
from segments.queries import members
from tests.factories import NOW, allow, make_customer
from tests.races import at_once
from tests.segments.factories import make_segment

LATER = NOW + timedelta(hours=1)


def add(segment, customer):
    return add_by_hand(segment, customer, reason="Asked for it.", by=None, at=LATER)


def remove(segment, customer):
    return remove_by_hand(segment, customer, reason="Asked for it.", by=None, at=LATER)


def size(segment) -> int:
    return Segment.objects.get(pk=segment.pk).member_count


def test_one_decision_is_written_however_many_say_the_same(real_db):
    segment, customer = make_segment(), make_customer(city="Faro")
    refresh(segment, at=NOW)

    picks = at_once(*[lambda: add(Segment.objects.get(pk=segment.pk), customer)] * 4)

    assert len({pick.pk for pick in picks}) == 1
    assert (members(segment).count(), size(segment)) == (1, 1)


def test_a_refresh_and_a_removal_at_once_end_with_somebody_out(real_db):
    customer, segment = allow(make_customer(city="Porto")), make_segment()

    at_once(
        lambda: refresh(Segment.objects.get(pk=segment.pk), at=NOW),
        lambda: remove(Segment.objects.get(pk=segment.pk), customer),
    )

    assert not members(segment).exists()
    assert size(segment) == 0


def test_whoever_decides_while_members_are_found_is_asked_to_wait(real_db, monkeypatch):
    monkeypatch.setattr("segments.operations.handpicking.SECONDS_TO_WAIT", 0.2)
    segment, customer = make_segment(), make_customer()

    with transaction.atomic():
        hold(segment)
        (refused,) = at_once(lambda: add(segment, customer))

    assert isinstance(refused, SegmentBusy)
