"""Whoever changed is asked of all live segments at once."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.models import Purpose
from customers.models import Event
from segments.models import Due, Membership, Profile, Segment
from segments.operations.reconsidering import reconsider
from segments.operations.refreshing import refresh
from segments.operations.saving import save_segment
from segments.operations.telling import Change
from segments.queries import members
from tests.factories import NOW, allow, make_customer, make_order
from tests.segments.factories import IN_PORTO, make_segment
from tests.segments.failing import BEGINS, DIVIDES, declare_failing
from tests.segments.oracle import Oracle
from tests.segments.worlds import MOMENTS, rules, settle, worlds

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
RECENT = {"all": [{"trait": "customers.orders", "operator": "did", "window": {"days": 30}}]}


def live(**facts):
    segment = make_segment(**facts)
    refresh(segment, at=NOW)
    return segment


def inside(segment):
    return set(members(segment).values_list("pk", flat=True))


@settings(max_examples=15, derandomize=True, deadline=None)
@given(
    world=worlds,
    some=st.lists(rules, min_size=8, max_size=12),
    code=st.sampled_from(["marketing", "transactional"]),
    at=st.sampled_from(MOMENTS),
)
def test_all_rules_together_mean_what_each_means_in_words(world, some, code, at):
    purpose = Purpose.objects.get(pk=code)
    oracle = Oracle(purpose, at)
    with transaction.atomic():
        people = settle(world, purpose=purpose, at=at)
        segments = Segment.objects.bulk_create(
            Segment(
                pk=1000 + n,
                name=f"S{n}",
                rule=rule,
                purpose=purpose,
                filled_at=at,
                refreshed_at=at,
            )
            for n, rule in enumerate(some)
        )

        reconsider(people, at=at)

        for segment, json in zip(segments, some, strict=True):
            expected = {pk for pk, person in people.items() if oracle.admits(json, person)}
            assert inside(segment) == expected, json
        # What was answered a moment ago is answered anew, from the text that was kept.
        assert reconsider(people, at=at) == []
        transaction.set_rollback(True)


def test_whoever_changed_comes_in_and_leaves():
    segment = live()
    comes, leaves = allow(make_customer(city="Porto")), allow(make_customer(city="Faro"))
    reconsider([comes.pk, leaves.pk], at=NOW)
    assert inside(segment) == {comes.pk}
    comes.city, leaves.city = "Faro", "Porto"
    comes.save()
    leaves.save()

    changes = reconsider([comes.pk, leaves.pk], at=LATER)

    assert changes == [Change(segment.pk, False, 1), Change(segment.pk, True, 1)]
    assert inside(segment) == {leaves.pk}
    segment.refresh_from_db()
    assert segment.member_count == 1
    stays = segment.memberships.order_by("pk").values_list(
        "customer", "entered_at", "left_at", "cause"
    )
    assert list(stays) == [(comes.pk, NOW, LATER, "rule"), (leaves.pk, LATER, None, "rule")]


def test_whom_somebody_put_in_stays_in():
    segment = live()
    customer = allow(make_customer(city="Faro"))
    Membership.objects.create(segment=segment, customer=customer, entered_at=NOW, cause="manual")

    assert reconsider([customer.pk], at=LATER) == []
    assert inside(segment) == {customer.pk}


def test_nobody_else_is_looked_at():
    segment = live()
    named, _other = (allow(make_customer(city="Porto")) for _ in range(2))

    reconsider([named.pk], at=LATER)

    assert inside(segment) == {named.pk}
    assert list(Profile.objects.values_list("pk", flat=True)) == [named.pk]


def test_whoever_was_erased_or_merged_is_nowhere():
    segment = live()
    stays, goes = allow(make_customer(city="Porto")), allow(make_customer(city="Porto"))
    reconsider([stays.pk, goes.pk], at=NOW)
    goes.merged_into = stays
    goes.save()

    reconsider([stays.pk, goes.pk], at=LATER)

    assert inside(segment) == {stays.pk}
    assert not Profile.objects.filter(pk=goes.pk).exists()
    assert not Membership.objects.filter(customer=goes, left_at=None).exists()


def test_segments_of_segments_follow_in_one_go():
    porto = live(name="Porto")
    within = {"all": [{"trait": "segments.member", "operator": "inside", "value": [porto.pk]}]}
    outside = {"all": [{"trait": "segments.member", "operator": "outside", "value": [porto.pk]}]}
    both, neither = live(name="Inside", rule=within), live(name="Outside", rule=outside)
    customer = allow(make_customer(city="Porto"))

    reconsider([customer.pk], at=LATER)

    assert (inside(porto), inside(both), inside(neither)) == ({customer.pk}, {customer.pk}, set())


def test_a_rule_that_fails_stops_none_of_the_others():
    gone = {"all": [{"trait": "gone", "operator": "is", "value": "x"}]}
    bad, good = live(name="Bad"), live(name="Good")
    Segment.objects.filter(pk=bad.pk).update(rule=gone)
    customer = allow(make_customer(city="Porto"))

    reconsider([customer.pk], at=LATER)

    bad.refresh_from_db()
    assert inside(good) == {customer.pk}
    assert (inside(bad), bad.failed_at, bad.failures) == (set(), LATER, 1)
    assert bad.retry_at == LATER + timedelta(minutes=1)


@pytest.mark.parametrize("rule", [DIVIDES, BEGINS])
def test_a_rule_that_the_database_fails_at_stops_none_of_the_others(rule, monkeypatch):
    declare_failing(monkeypatch)
    bad, good, recent = live(rule=rule), live(), live(rule=RECENT)
    customer = allow(make_customer(city="Porto"))
    make_order(customer, ordered_at=NOW - timedelta(days=29))

    reconsider([customer.pk], at=NOW)

    bad.refresh_from_db()
    assert (inside(bad), inside(good), inside(recent)) == (set(), {customer.pk}, {customer.pk})
    assert (bad.failed_at, bad.failures) == (NOW, 1)
    assert "cannot work it out" in bad.error
    assert Due.objects.get().at == NOW + timedelta(days=1, microseconds=1)
    reconsider([customer.pk], at=LATER)
    bad.refresh_from_db()
    assert bad.failures == 1


def test_a_segment_whose_rule_has_changed_waits_for_its_refresh():
    segment = live()
    customer = allow(make_customer(city="Faro"))
    segment.rule = {"none": IN_PORTO["all"]}
    save_segment(segment, by=None, at=LATER)

    assert reconsider([customer.pk], at=LATER) == []
    refresh(segment, at=LATER)
    assert inside(segment) == {customer.pk}


def test_the_next_instant_at_which_time_changes_an_answer_is_due():
    segment = live(rule=RECENT)
    soon, later, never = (allow(make_customer()) for _ in range(3))
    make_order(soon, ordered_at=NOW - timedelta(days=29))
    make_order(later, ordered_at=NOW - timedelta(days=2))

    reconsider([soon.pk, later.pk, never.pk], at=NOW)

    assert inside(segment) == {soon.pk, later.pk}
    # Of those two that fall out, one does within the next day and a half.
    due = NOW + timedelta(days=1, microseconds=1)
    assert list(Due.objects.values_list("customer", "at")) == [(soon.pk, due)]
    reconsider([soon.pk], at=due)
    assert inside(segment) == {later.pk}
    assert not Due.objects.exists()


def test_nothing_is_told_of_segments_to_which_nobody_listens():
    live()
    reconsider([allow(make_customer(city="Porto")).pk], at=LATER)

    assert not Event.objects.filter(kind__startswith="segments.").exists()
