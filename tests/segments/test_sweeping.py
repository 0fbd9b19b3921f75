"""Everybody is looked at once more, and at night it is proved that nobody was forgotten."""

from datetime import timedelta

import pytest
from django.db import connection

from customers.models import ConsumerPosition, Customer
from customers.queries.timeline import THE_END
from segments.enums import SweepReason
from segments.health import SYSTEM_STATES
from segments.models import Due, Profile, Segment, Sweep
from segments.operations.reconsidering import mark_due, reconsider
from segments.operations.sweeping import READER, ask_for_sweep, go_on_sweeping
from tests.factories import NOW, allow, make_customer, make_order
from tests.segments.failing import BEGINS, DIVIDES, declare_failing
from tests.segments.test_reconsidering import RECENT, inside, live

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def sweep(reason=SweepReason.PROOF, *, at=LATER, chunk=100_000):
    ask_for_sweep(reason, at=at)
    steps = 0
    while go_on_sweeping(at=at, chunk=chunk):
        steps += 1
    return Sweep.objects.order_by("-pk").first(), steps


def versions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'm', id, xmin::text FROM segments_membership"
            " UNION ALL SELECT 'p', customer_id, xmin::text FROM segments_profile"
            " UNION ALL SELECT 'd', customer_id, xmin::text FROM segments_due ORDER BY 1, 2"
        )
        return cursor.fetchall()


def test_whoever_was_forgotten_is_put_right_and_counted():
    segment = live()
    comes, leaves, stays = (allow(make_customer(city=it)) for it in ("Faro", "Porto", "Porto"))
    reconsider([comes.pk, leaves.pk, stays.pk], at=NOW)
    generation, xid, event_id = THE_END
    # All that was told has been read.
    ConsumerPosition.objects.create(name=READER, generation=generation, xid=xid, event_id=event_id)
    # Somebody changed the table behind our back.
    Customer.objects.filter(pk=comes.pk).update(city="Porto")
    Customer.objects.filter(pk=leaves.pk).update(city="Faro")

    proof, _steps = sweep()

    assert inside(segment) == {comes.pk, stays.pk}
    assert (proof.profiles, proof.memberships) == (2, 2)
    (state,) = SYSTEM_STATES
    assert "2 memberships and 2 profiles" in state.troubles(LATER)[0]
    proof, _steps = sweep(at=LATER + timedelta(days=1))
    assert (proof.profiles, proof.memberships) == (0, 0)
    assert not any("memberships" in trouble for trouble in state.troubles(LATER))


def test_who_was_due_was_not_forgotten():
    segment = live()
    customer = allow(make_customer(city="Porto"))
    mark_due([customer.pk], at=LATER)

    proof, _steps = sweep()

    assert inside(segment) == {customer.pk}
    assert (proof.profiles, proof.memberships) == (0, 0)


def test_where_nothing_changed_nothing_is_written():
    live()
    people = [allow(make_customer(city=city)) for city in ("Porto", "Faro", "Porto")]
    reconsider([it.pk for it in people], at=NOW)
    before = versions()

    proof, _steps = sweep()

    assert (proof.profiles, proof.memberships) == (0, 0)
    assert versions() == before


def test_a_sweep_goes_on_where_it_stopped_and_serves_all_who_asked():
    segment = live()
    people = [allow(make_customer(city="Porto")) for _ in range(5)]
    first = min(it.pk for it in people)
    Sweep.objects.create(reason=SweepReason.MANY, asked_at=NOW, done_upto=first - 1)
    for _ in range(3):
        ask_for_sweep(SweepReason.MANY, at=LATER)
    assert Sweep.objects.count() == 2
    # Ids of earlier tests are many; nobody has them any more.
    Sweep.objects.filter(done_upto=0).update(done_upto=first - 1)

    one = go_on_sweeping(at=LATER, chunk=2)

    assert one
    assert (one.done_upto, one.finished_at) == (first + 1, None)
    assert inside(segment) == {first, first + 1}
    while go_on_sweeping(at=LATER, chunk=2):
        pass
    assert inside(segment) == {it.pk for it in people}
    assert Profile.objects.count() == 5


@pytest.mark.parametrize("rule", [DIVIDES, BEGINS])
def test_a_rule_that_the_database_fails_at_stops_no_sweep(rule, monkeypatch):
    declare_failing(monkeypatch)
    bad, good, recent = live(rule=rule), live(), live(rule=RECENT)
    customer = allow(make_customer(city="Porto"))
    make_order(customer, ordered_at=NOW - timedelta(days=29))

    done, _steps = sweep(SweepReason.MANY)

    assert done.finished_at == LATER
    assert (inside(bad), inside(good), inside(recent)) == (set(), {customer.pk}, {customer.pk})
    assert list(Segment.objects.exclude(error="").values_list("pk", "failures")) == [(bad.pk, 1)]
    assert Due.objects.filter(customer=customer).exists()
