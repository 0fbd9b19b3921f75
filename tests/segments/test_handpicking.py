"""Who is in a segment, or out of it, because somebody said so."""

from datetime import timedelta

import pytest

from common.models import AuditEntry
from customers.operations.erasing import erase
from customers.operations.merges import merge, unmerge
from segments.enums import Cause, Handpicked
from segments.models import Handpick, Segment
from segments.operations.handpicking import (
    NobodyToDecideAbout,
    ReasonMissing,
    ReasonTooLong,
    add_by_hand,
    remove_by_hand,
    take_back,
)
from segments.operations.refreshing import Delta, refresh
from segments.queries import members
from tests.factories import NOW, allow, make_api_key, make_customer, make_user
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
MUCH_LATER = NOW + timedelta(days=1)


def porto():
    return allow(make_customer(city="Porto"))


def filled_segment(**facts) -> Segment:
    segment = make_segment(**facts)
    refresh(segment, at=NOW)
    return segment


def add(segment, customer, *, at=LATER, by=None, reason="Asked for it."):
    return add_by_hand(segment, customer, reason=reason, by=by, at=at)


def remove(segment, customer, *, at=LATER, by=None, reason="Asked for it."):
    return remove_by_hand(segment, customer, reason=reason, by=by, at=at)


def stays(segment):
    return list(
        segment.memberships.order_by("entered_at", "id").values_list(
            "customer_id", "entered_at", "left_at", "cause"
        )
    )


def size(segment) -> int:
    return Segment.objects.get(pk=segment.pk).member_count


def test_whoever_is_added_by_hand_is_in_and_stays_whatever_the_rule_says():
    segment, outsider = filled_segment(), make_customer(city="Faro")
    user = make_user()

    pick = add(segment, outsider, by=user)

    assert (pick.word, pick.reason, pick.by, pick.decided_at, pick.ended_at) == (
        Handpicked.ADDED, "Asked for it.", user, LATER, None,
    )  # fmt: skip
    assert size(segment) == 1
    assert refresh(segment, at=MUCH_LATER) == Delta(entered=0, left=0)
    assert stays(segment) == [(outsider.pk, LATER, None, Cause.MANUAL)]
    entry = AuditEntry.objects.get(action="segments.added_by_hand")
    assert (entry.subject_id, entry.actor, entry.reason) == (outsider.pk, user, segment.name)


def test_a_program_adds_too():
    segment, outsider = filled_segment(), make_customer(city="Faro")
    key, _credential = make_api_key()

    assert add(segment, outsider, by=key).api_key == key


def test_whoever_is_removed_by_hand_is_out_and_the_rule_does_not_let_them_in_again():
    customer, other = porto(), porto()
    segment = filled_segment()

    remove(segment, customer)

    assert size(segment) == 1
    assert refresh(segment, at=MUCH_LATER) == Delta(entered=0, left=0)
    assert list(members(segment)) == [other]
    assert stays(segment) == [
        (customer.pk, NOW, LATER, Cause.RULE),
        (other.pk, NOW, None, Cause.RULE),
    ]


def test_whoever_was_removed_before_they_came_does_not_come():
    segment = filled_segment()
    customer = porto()

    remove(segment, customer)

    assert refresh(segment, at=MUCH_LATER) == Delta(entered=0, left=0)
    assert not members(segment).exists()


def test_a_removal_holds_during_the_first_fill():
    customer, segment = porto(), make_segment()

    remove(segment, customer, at=NOW)

    assert refresh(segment, at=LATER, chunk=1) == Delta(entered=0, left=0)


def test_a_stay_that_slipped_in_beside_a_removal_ends_at_the_next_refresh():
    customer = porto()
    segment = filled_segment()
    remove(segment, customer)
    # As somebody would have written it who did not know of the removal yet.
    segment.memberships.update(left_at=None)

    assert refresh(segment, at=MUCH_LATER) == Delta(entered=0, left=1)


def test_who_is_in_by_the_rule_and_added_stays_when_the_rule_means_them_no_more():
    customer = porto()
    segment = filled_segment()

    add(segment, customer)
    customer.city = "Faro"
    customer.save()
    refresh(segment, at=MUCH_LATER)

    assert stays(segment) == [(customer.pk, NOW, None, Cause.MANUAL)]
    assert size(segment) == 1


def test_taking_back_an_addition_lets_the_rule_decide():
    inside, outsider = porto(), make_customer(city="Faro")
    segment = filled_segment()
    picks = [add(segment, inside), add(segment, outsider)]

    for pick in picks:
        take_back(pick, by=None, at=MUCH_LATER)

    assert stays(segment) == [
        (inside.pk, NOW, None, Cause.RULE),
        (outsider.pk, LATER, MUCH_LATER, Cause.MANUAL),
    ]
    assert size(segment) == 1
    assert set(Handpick.objects.values_list("ended_at", flat=True)) == {MUCH_LATER}


def test_taking_back_a_removal_lets_the_rule_decide():
    inside, outsider = porto(), make_customer(city="Faro")
    segment = filled_segment()
    picks = [remove(segment, inside), remove(segment, outsider)]

    for pick in picks:
        take_back(pick, by=None, at=MUCH_LATER)

    assert stays(segment) == [
        (inside.pk, NOW, LATER, Cause.RULE),
        (inside.pk, MUCH_LATER, None, Cause.RULE),
    ]
    assert size(segment) == 1


def test_taking_back_twice_changes_nothing():
    segment = filled_segment()
    pick = add(segment, make_customer(city="Faro"))
    take_back(pick, by=None, at=LATER)

    take_back(pick, by=None, at=MUCH_LATER)

    assert Handpick.objects.get().ended_at == LATER
    assert AuditEntry.objects.filter(action="segments.handpick_taken_back").count() == 1


def test_a_rule_that_is_none_any_more_lets_nobody_in():
    customer = porto()
    segment = filled_segment()
    pick = remove(segment, customer)
    Segment.objects.update(rule={"all": [{"trait": "gone", "operator": "is", "value": 1}]})

    take_back(pick, by=None, at=MUCH_LATER)

    assert not members(segment).exists()


def test_adding_and_removing_again_changes_nothing():
    segment, customer = filled_segment(), porto()

    assert add(segment, customer) == add(segment, customer, at=MUCH_LATER)
    removal = remove(segment, customer)
    assert remove(segment, customer, at=MUCH_LATER) == removal
    assert Handpick.objects.count() == 2


def test_the_last_decision_counts_and_the_earlier_is_history():
    segment, customer = filled_segment(), make_customer(city="Faro")

    remove(segment, customer)
    add(segment, customer, at=MUCH_LATER)

    assert list(members(segment)) == [customer]
    decided = Handpick.objects.order_by("pk").values_list("word", "ended_at")
    assert list(decided) == [(Handpicked.REMOVED, MUCH_LATER), (Handpicked.ADDED, None)]


@pytest.mark.parametrize(
    ("reason", "refusal"), [("", ReasonMissing), (" ", ReasonMissing), ("x" * 201, ReasonTooLong)]
)
def test_a_decision_needs_a_reason_of_a_line(reason, refusal):
    segment, customer = make_segment(), make_customer()

    for decide in (add, remove):
        with pytest.raises(refusal):
            decide(segment, customer, reason=reason)
    assert not Handpick.objects.exists()


def test_nothing_is_decided_about_whoever_was_erased():
    segment, customer = make_segment(), make_customer()
    erase(customer, by=None, reason="Asked.", at=NOW)

    with pytest.raises(NobodyToDecideAbout):
        add(segment, customer)


def test_an_erasure_takes_the_reason_away():
    segment, customer = make_segment(), make_customer()
    add(segment, customer, reason="Called from 11 98765-4321.")

    erase(customer, by=None, reason="Asked.", at=LATER)

    assert Handpick.objects.get().reason == ""


# Two records of one person


def test_who_was_removed_as_either_record_is_out_when_they_are_one():
    survivor, loser = porto(), porto()
    segment = filled_segment()
    remove(segment, loser)
    add(segment, survivor)

    record = merge(survivor, loser, by=None, at=MUCH_LATER)

    assert not members(segment).exists()
    assert refresh(segment, at=MUCH_LATER) == Delta(entered=0, left=0)
    standing = Handpick.objects.standing().values_list("customer", "word")
    assert list(standing) == [(survivor.pk, Handpicked.REMOVED)]

    unmerge(record, by=None, at=MUCH_LATER)

    assert list(members(segment)) == [survivor]
    standing = Handpick.objects.standing().order_by("pk").values_list("customer", "word")
    assert list(standing) == [(loser.pk, Handpicked.REMOVED), (survivor.pk, Handpicked.ADDED)]


def test_who_was_added_as_either_record_stays_when_they_are_one():
    survivor, loser = porto(), porto()
    segment = filled_segment()
    add(segment, loser)

    record = merge(survivor, loser, by=None, at=LATER)

    assert segment.memberships.get(left_at=None).cause == Cause.MANUAL

    unmerge(record, by=None, at=LATER)
    causes = segment.memberships.filter(left_at=None).order_by("customer").values_list("cause")
    assert [cause for (cause,) in causes] == [Cause.RULE, Cause.MANUAL]


def test_a_decision_after_the_merge_outlives_the_parting():
    survivor, loser = porto(), porto()
    segment = filled_segment()
    add(segment, survivor)
    add(segment, loser)
    record = merge(survivor, loser, by=None, at=LATER)
    remove(segment, survivor, at=LATER)

    unmerge(record, by=None, at=MUCH_LATER)

    standing = Handpick.objects.standing().order_by("pk").values_list("customer", "word")
    assert list(standing) == [(loser.pk, Handpicked.ADDED), (survivor.pk, Handpicked.REMOVED)]
