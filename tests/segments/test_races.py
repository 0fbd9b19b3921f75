"""Real time, refreshes, people and new rules at once end where a refresh from scratch ends."""

import time
from datetime import timedelta
from functools import partial
from itertools import repeat

from consent.models import Purpose
from customers.models import Customer
from segments.compiler import matching
from segments.models import Due, Membership, Segment
from segments.operations.archiving import SegmentInUse, archive, delete_segment
from segments.operations.handpicking import SegmentBusy, add_by_hand, remove_by_hand
from segments.operations.reconsidering import reconsider
from segments.operations.refreshing import hold, refresh
from segments.operations.saving import save_segment
from segments.operations.timing import follow_the_clock
from segments.queries import members, traits
from segments.rules import BadRule, read_rule
from tests.factories import NOW, allow, make_customer, make_user
from tests.races import at_once, overlapping
from tests.segments.factories import IN_PORTO, make_segment

LATER = NOW + timedelta(hours=1)
CITIES = ["Porto", "Faro"]
PEOPLE = 24


def inside(segment):
    return set(members(segment).values_list("pk", flat=True))


def meant(segment, *, at):
    segment.refresh_from_db()
    found = matching(
        read_rule(segment.rule, traits()),
        purpose=Purpose.objects.get(pk=segment.purpose_id),
        at=at,
    )
    return set(found.values_list("pk", flat=True))


def settle(segment):
    """What the scheduler does in the next minute: whoever could not be asked is asked."""
    for at in (LATER + timedelta(minutes=2), LATER + timedelta(minutes=4)):
        follow_the_clock(clock=repeat(at).__next__)
        refresh_if_waiting(segment, at=at)


def refresh_if_waiting(segment, *, at):
    if Segment.objects.waiting(at=at).filter(pk=segment.pk).exists():
        refresh(Segment.objects.get(pk=segment.pk), at=at)


def test_real_time_a_refresh_a_new_rule_and_people_end_in_the_same_membership(real_db):
    people = [allow(make_customer(city=CITIES[n % 2])) for n in range(PEOPLE)]
    ids = [person.pk for person in people]
    segment = make_segment()
    refresh(segment, at=NOW)
    user = make_user()
    added, removed = people[1], people[2]

    def move(start):
        for person in people[start::3]:
            city = CITIES[(person.pk + start) % 2]
            Customer.objects.filter(pk=person.pk).update(city=city)
            reconsider([person.pk], at=LATER)

    def refresh_often():
        for second in range(5):
            refresh(Segment.objects.get(pk=segment.pk), at=LATER + timedelta(seconds=second))

    def change_the_rule():
        for rule in ({"none": IN_PORTO["all"]}, IN_PORTO):
            changed = Segment.objects.get(pk=segment.pk)
            changed.rule = rule
            save_segment(changed, by=None, at=LATER)
            refresh(changed, at=LATER + timedelta(seconds=9))

    def decide():
        for act, person in ((add_by_hand, added), (remove_by_hand, removed)):
            while True:
                try:
                    act(segment, person, reason="Asked.", by=user, at=LATER)
                    break
                except SegmentBusy:
                    time.sleep(0.05)

    answers = at_once(
        lambda: move(0), lambda: move(1), lambda: move(2), refresh_often, change_the_rule, decide
    )
    settle(segment)

    assert [it for it in answers if isinstance(it, Exception)] == []
    expected = meant(segment, at=LATER + timedelta(minutes=5)) | {added.pk}
    assert inside(segment) == expected - {removed.pk}
    assert segment.member_count == len(inside(segment))
    # A refresh from scratch finds nothing to mend, and neither does real time.
    assert not any(reconsider(ids, at=LATER + timedelta(minutes=6)))
    refresh(segment, at=LATER + timedelta(minutes=7))
    assert inside(segment) == expected - {removed.pk}


def test_two_who_reconsider_the_same_customers_let_each_in_once(real_db):
    people = [allow(make_customer(city="Porto")) for _ in range(PEOPLE)]
    segment = make_segment()
    segment.rule = {"all": IN_PORTO["all"]}
    Customer.objects.update(city="Faro")
    refresh(segment, at=NOW)
    Customer.objects.update(city="Porto")
    ids = [person.pk for person in people]

    at_once(*[lambda: reconsider(ids, at=LATER)] * 4)

    assert Membership.objects.filter(segment=segment).count() == PEOPLE
    segment.refresh_from_db()
    assert segment.member_count == PEOPLE


def test_while_somebody_else_writes_a_segment_the_others_are_kept_and_it_is_asked_soon(real_db):
    busy, free = make_segment(name="Busy"), make_segment(name="Free")
    for segment in (busy, free):
        refresh(segment, at=NOW)
    customer = allow(make_customer(city="Porto"))

    overlapping(lambda: hold(busy), lambda: reconsider([customer.pk], at=LATER))

    assert (inside(busy), inside(free)) == (set(), {customer.pk})
    assert Due.objects.get().at == LATER + timedelta(minutes=1)
    follow_the_clock(clock=lambda: LATER + timedelta(minutes=1))
    assert inside(busy) == {customer.pk}
    assert not Due.objects.exists()


def test_what_another_rule_is_about_to_ask_for_is_not_deleted_or_archived(real_db):
    asked, more = make_segment(name="Asked"), make_segment(name="More")

    for segment, put_away in ((asked, delete_segment), (more, archive)):
        asks = {"trait": "segments.member", "operator": "inside", "value": [segment.pk]}
        saved, refused = overlapping(
            partial(make_segment, name=f"Asks for {segment}", rule={"all": [asks]}),
            partial(put_away, segment, by=None, at=LATER),
        )

        assert saved.pk
        assert isinstance(refused, SegmentInUse)


def test_what_is_about_to_be_archived_is_asked_for_by_no_other_rule(real_db):
    segment = make_segment(name="Asked")
    asks = {"trait": "segments.member", "operator": "inside", "value": [segment.pk]}

    _archived, refused = overlapping(
        partial(archive, segment, by=None, at=LATER),
        partial(make_segment, rule={"all": [asks]}),
    )

    assert isinstance(refused, BadRule)
    assert refused.message == "“Asked” is archived."
