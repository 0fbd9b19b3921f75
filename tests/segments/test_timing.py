"""What time alone changes is found at its minute, with no event."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from common.enums import Role
from consent.enums import RestrictionReason
from consent.operations.restrictions import restrict
from consent.operations.wishes import wish
from customers.models import ConsumerPosition, Event
from segments.enums import SweepReason
from segments.health import SYSTEM_STATES
from segments.models import Due, Profile, Round, Segment, Sweep
from segments.operations.reconsidering import reconsider
from segments.operations.sweeping import READER, ask_for_sweep, go_on_sweeping
from segments.operations.timing import days_begun, follow_the_clock
from segments.queries.staleness import OutOfDate, out_of_date
from tests.factories import NOW, allow, make_customer, make_order, make_user
from tests.segments.failing import EVERY_DAY, declare_failing
from tests.segments.test_reconsidering import RECENT, inside, live

pytestmark = pytest.mark.django_db

A_MINUTE = timedelta(minutes=1)
BIRTHDAY = {"all": [{"trait": "customers.birthday", "operator": "in_next", "value": 0}]}


def tick(at):
    follow_the_clock(clock=lambda: at)


def sweep(at):
    ask_for_sweep(SweepReason.MANY, at=at)
    while go_on_sweeping(at=at):
        pass


def test_whoever_last_ordered_thirty_days_ago_leaves_at_the_minute():
    segment = live(rule=RECENT)
    customer = allow(make_customer())
    make_order(customer, ordered_at=NOW - timedelta(days=29))
    reconsider([customer.pk], at=NOW)
    end = NOW + timedelta(days=1)

    tick(end - A_MINUTE)
    assert inside(segment) == {customer.pk}
    tick(end)
    assert inside(segment) == {customer.pk}
    tick(end + A_MINUTE)
    assert inside(segment) == set()
    assert not Due.objects.exists()


def test_what_the_night_changed_is_found_in_the_morning():
    segment = live(rule=BIRTHDAY)
    customer = allow(make_customer(birth_date=date(1990, 3, 4)))
    reconsider([customer.pk], at=NOW)
    tick(NOW)

    # The computer was off for two days.
    tick(NOW + timedelta(days=2))

    assert inside(segment) == {customer.pk}


@pytest.mark.parametrize(
    "leaf",
    [
        {"trait": "customers.birthday", "operator": "in_next", "value": 0},
        {"trait": "customers.age", "operator": "at_least", "value": 36},
        {"trait": "customers.registered", "operator": "anniversary", "value": 0},
    ],
)
def test_a_birthday_an_age_and_an_anniversary_begin_where_the_customer_is(leaf):
    segment = live(rule={"all": [leaf]})
    born, since = date(1990, 3, 10), datetime(2025, 3, 10, 12, tzinfo=UTC)
    tokyo, shop = (
        allow(make_customer(birth_date=born, registered_at=since, timezone=zone))
        for zone in ("Asia/Tokyo", "")
    )
    begin = datetime(2026, 3, 9, 12, tzinfo=UTC)
    reconsider([tokyo.pk, shop.pk], at=begin)
    tick(begin)

    tick(datetime(2026, 3, 9, 14, 59, tzinfo=UTC))
    assert inside(segment) == set()
    tick(datetime(2026, 3, 9, 15, tzinfo=UTC))
    assert inside(segment) == {tokyo.pk}
    tick(datetime(2026, 3, 10, 3, tzinfo=UTC))
    assert inside(segment) == {tokyo.pk, shop.pk}


def test_a_birthday_begins_where_the_customer_is():
    segment = live(rule=BIRTHDAY)
    born = date(1990, 3, 10)
    tokyo, lisbon, shop = (
        allow(make_customer(birth_date=born, timezone=zone))
        for zone in ("Asia/Tokyo", "Europe/Lisbon", "")
    )
    begin = datetime(2026, 3, 9, 12, tzinfo=UTC)
    reconsider([tokyo.pk, lisbon.pk, shop.pk], at=begin)
    tick(begin)

    def here(day, hour, minute=0):
        tick(datetime(2026, 3, day, hour, minute, tzinfo=UTC))
        return inside(segment)

    assert here(9, 14, 59) == set()
    assert here(9, 15) == {tokyo.pk}
    assert here(9, 23, 59) == {tokyo.pk}
    assert here(10, 0) == {tokyo.pk, lisbon.pk}
    assert here(10, 3) == {tokyo.pk, lisbon.pk, shop.pk}
    assert here(10, 15) == {lisbon.pk, shop.pk}
    assert here(11, 0) == {shop.pk}
    assert here(11, 3) == set()


def test_a_day_of_twenty_three_hours_is_a_day():
    # In Lisbon the clocks go forward on 29 March 2026, at one in the morning.
    segment = live(rule=BIRTHDAY)
    customer = allow(make_customer(birth_date=date(1990, 3, 29), timezone="Europe/Lisbon"))
    reconsider([customer.pk], at=datetime(2026, 3, 28, 12, tzinfo=UTC))
    tick(datetime(2026, 3, 28, 12, tzinfo=UTC))

    tick(datetime(2026, 3, 29, 0, tzinfo=UTC))
    assert inside(segment) == {customer.pk}
    tick(datetime(2026, 3, 29, 22, 59, tzinfo=UTC))
    assert inside(segment) == {customer.pk}
    tick(datetime(2026, 3, 29, 23, tzinfo=UTC))
    assert inside(segment) == set()


def test_a_day_that_begins_at_one_begins_all_the_same():
    # In Beirut midnight of 29 March 2026 does not exist.
    before = datetime(2026, 3, 28, 21, 59, tzinfo=UTC)

    assert days_begun(before - A_MINUTE, before).get("Asia/Beirut") is None
    assert days_begun(before, before + A_MINUTE)["Asia/Beirut"] == {date(2026, 3, 29)}
    assert days_begun(before, before + timedelta(days=2))["Asia/Beirut"] == {
        date(2026, 3, 29),
        date(2026, 3, 30),
        date(2026, 3, 31),
    }


def test_a_window_between_days_opens_and_closes_at_the_shops_midnight():
    window = {"from": "2026-03-05", "until": "2026-03-06"}
    rule = {"all": [{"trait": "customers.orders", "operator": "did", "window": window}]}
    segment = live(rule=rule)
    customer = allow(make_customer())
    make_order(customer, ordered_at=datetime(2026, 3, 5, 12, tzinfo=UTC))
    reconsider([customer.pk], at=NOW)
    tick(NOW)
    assert inside(segment) == set()

    # An order that is to come counts from its own time on; the due list is written on each night.
    for day in range(3):
        sweep(NOW + timedelta(days=day))
    tick(datetime(2026, 3, 5, 11, 59, tzinfo=UTC))
    assert inside(segment) == set()
    tick(datetime(2026, 3, 5, 12, 1, tzinfo=UTC))
    assert inside(segment) == {customer.pk}

    # It is over for whoever ordered before it began.
    customer.orders.update(ordered_at=NOW)
    tick(datetime(2026, 3, 7, 2, 59, tzinfo=UTC))
    tick(datetime(2026, 3, 7, 3, tzinfo=UTC))
    assert inside(segment) == set()


def test_a_permission_that_ends_by_itself_lets_nobody_in_from_that_minute_on():
    segment = live()
    customer = make_customer(city="Porto")
    end = NOW + timedelta(days=3)
    allow(customer)
    customer.permissions.update(valid_until=end)
    reconsider([customer.pk], at=NOW)
    assert inside(segment) == {customer.pk}
    assert Profile.objects.get().stands_until == end

    tick(end - A_MINUTE)
    assert inside(segment) == {customer.pk}
    tick(end)
    assert inside(segment) == set()
    assert Profile.objects.get().stands_until is None


def test_a_pause_ends_at_its_minute():
    pausing = {"trait": "consent.paused", "operator": "yes"}
    segment = live(rule={"all": [pausing]})
    customer = allow(make_customer())
    end = NOW + timedelta(hours=3)
    wish(customer, paused_until=end, at=NOW)
    reconsider([customer.pk], at=NOW)

    tick(end - A_MINUTE)
    assert inside(segment) == {customer.pk}
    tick(end + A_MINUTE)
    assert inside(segment) == set()


def test_whoever_is_restricted_until_then_comes_back_at_that_minute():
    segment = live()
    customer = allow(make_customer(city="Porto"))
    end = NOW + timedelta(days=3)
    restrict(customer, reason=RestrictionReason(RestrictionReason.values[0]), until=end, at=NOW)
    reconsider([customer.pk], at=NOW)
    assert inside(segment) == set()

    tick(end)
    assert inside(segment) == {customer.pk}


@pytest.mark.parametrize(
    ("born", "of_age_on"),
    [
        (date(2008, 3, 10), date(2026, 3, 10)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2006, 3, 1), date(2024, 3, 1)),
        (date(2008, 3, 1), date(2026, 3, 1)),
    ],
)
def test_whoever_comes_of_age_comes_in_on_the_day(born, of_age_on):
    segment = live()
    customer = allow(make_customer(city="Porto"))
    customer.birth_date = born
    customer.save()
    midnight = datetime(of_age_on.year, of_age_on.month, of_age_on.day, 3, tzinfo=UTC)
    reconsider([customer.pk], at=midnight - timedelta(days=2))
    assert inside(segment) == set()
    tick(midnight - A_MINUTE)
    assert inside(segment) == set()

    tick(midnight)
    assert inside(segment) == {customer.pk}


def test_when_what_rules_rest_on_changes_everybody_is_looked_at(settings):
    tick(NOW)
    assert not Sweep.objects.exists()

    settings.SHOP_TIME_ZONE = "Europe/Lisbon"
    tick(NOW + A_MINUTE)
    tick(NOW + A_MINUTE)

    assert list(Sweep.objects.values_list("reason", flat=True)) == ["rules"]


def test_never_more_are_reachable_than_there_are(client):
    live()
    Segment.objects.update(reachable_count=7, member_count=3)
    client.force_login(make_user(role=Role.MARKETING))

    page = client.get(reverse("admin:segments_segment_changelist")).content.decode()

    assert "3 (100" in page


def up_to_when():
    return Segment.objects.get().refreshed_at


def test_members_are_right_up_to_what_is_not_read_yet():
    segment, at = live(), now() + timedelta(hours=1)
    reader = ConsumerPosition.objects.create(name=READER)
    make_customer()
    told = Event.objects.earliest("pk")

    tick(at)
    assert up_to_when() == told.recorded_at

    ConsumerPosition.objects.filter(pk=reader.pk).update(generation=32_000)
    tick(at)
    assert up_to_when() == at
    assert out_of_date(Segment.objects.get(pk=segment.pk), at=at) is None


def test_members_are_right_up_to_when_everybody_was_to_be_looked_at():
    live()
    ConsumerPosition.objects.create(name=READER, generation=32_000)
    ask_for_sweep(SweepReason.PROOF, at=NOW)
    ask_for_sweep(SweepReason.MANY, at=NOW + A_MINUTE)

    tick(NOW + 5 * A_MINUTE)

    assert up_to_when() == NOW + A_MINUTE


def test_who_is_behind_longer_than_promised_is_out_of_date_for_all_to_see(client):
    client.force_login(make_user(role=Role.MARKETING))
    segment = live()
    late = NOW + timedelta(minutes=16)
    assert out_of_date(segment, at=NOW + timedelta(minutes=15)) is None

    found = out_of_date(segment, at=late)

    assert found == OutOfDate(NOW, "the program is behind with its work.")
    page = client.get(reverse("admin:segments_segment_overview", args=[segment.pk]))
    assert found.sentence in page.content.decode()
    (state,) = [it for it in SYSTEM_STATES if it.code == "segments"]
    assert state.troubles(NOW) == []
    (told,) = state.troubles(late)
    assert told.startswith("Members of segments are right up to 03/02/2026 9 a.m. and not since")


def test_a_list_is_never_behind():
    assert out_of_date(live(rule=None), at=NOW + timedelta(days=99)) is None


def test_a_rule_that_the_database_fails_at_stops_no_day_from_beginning(monkeypatch):
    declare_failing(monkeypatch)
    bad, good = live(), live(rule=BIRTHDAY)
    tomorrow = NOW + timedelta(days=1)
    customer = allow(make_customer(birth_date=tomorrow.replace(year=1990).date()))
    reconsider([customer.pk], at=NOW)
    tick(NOW)
    Segment.objects.filter(pk=bad.pk).update(rule=EVERY_DAY)

    tick(tomorrow)

    assert inside(good) == {customer.pk}
    assert list(Segment.objects.exclude(error="").values_list("pk", "failures")) == [(bad.pk, 1)]
    assert Round.objects.get().asked_upto == tomorrow
