"""Worked calendars: what a day, a month and a birthday are, where the customer is and the shop."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from consent.models import Purpose
from segments.compiler import matching
from segments.queries import traits
from segments.rules import read_rule
from segments.rules.gallery import ready
from tests.factories import make_attribute, make_customer, make_order

pytestmark = pytest.mark.django_db

SAO_PAULO, LISBON = ZoneInfo("America/Sao_Paulo"), ZoneInfo("Europe/Lisbon")


def fits(customer, leaf, *, at):
    rule = read_rule({"all": [leaf]}, traits())
    # Which asks nobody first: these are tests of the calendar.
    transactional = Purpose.objects.get(pk="transactional")
    return matching(rule, purpose=transactional, at=at, among=[customer.pk]).exists()


def at_noon(day):
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SAO_PAULO).replace(
        hour=12
    )


def buyer(*moments):
    customer = make_customer()
    for moment in moments:
        make_order(customer, ordered_at=moment, at=moment)
    return customer


BIRTHDAY = {"trait": "customers.birthday"}
TODAY = {**BIRTHDAY, "operator": "in_next", "value": 0}


@pytest.mark.parametrize(
    ("on", "greeted"),
    [
        ("2027-02-27", False),
        ("2027-02-28", True),  # there is no 29th: the month stays theirs
        ("2027-03-01", False),
        ("2028-02-28", False),
        ("2028-02-29", True),
        ("2028-03-01", False),
        ("2100-02-28", True),  # no leap year
    ],
)
def test_whoever_was_born_on_29_february_is_greeted_on_the_last_of_february(on, greeted):
    customer = make_customer(birth_date=date(2000, 2, 29))

    assert fits(customer, TODAY, at=at_noon(on)) == greeted


@pytest.mark.parametrize(
    ("on", "years"),
    [("2028-02-28", 27), ("2028-02-29", 28), ("2029-02-28", 28), ("2029-03-01", 29)],
)
def test_whoever_was_born_on_29_february_is_a_year_older_on_1_march(on, years):
    customer = make_customer(birth_date=date(2000, 2, 29))
    age = {"trait": "customers.age", "operator": "exactly", "value": years}

    assert fits(customer, age, at=at_noon(on))


@pytest.mark.parametrize(
    ("on", "celebrated"),
    [
        ("2024-02-29", False),  # the day itself is no anniversary
        ("2025-02-28", True),
        ("2025-03-01", False),
        ("2028-02-28", False),
        ("2028-02-29", True),
    ],
)
def test_an_anniversary_of_29_february_is_the_last_of_february(on, celebrated):
    customer = make_customer(registered_at=at_noon("2024-02-29"))
    anniversary = {"trait": "customers.registered", "operator": "anniversary", "value": 0}

    assert fits(customer, anniversary, at=at_noon(on)) == celebrated


@pytest.mark.parametrize(
    ("operator", "value", "born", "on", "meant"),
    [
        ("in_days", 1, "1990-01-01", "2026-12-31", True),
        ("in_next", 1, "1990-01-01", "2026-12-31", True),
        ("in_next", 0, "1990-01-01", "2026-12-31", False),
        ("in_days", 7, "1990-03-02", "2028-02-24", True),  # over a 29 February
        ("in_days", 7, "1990-03-03", "2027-02-24", True),
        ("this_month", None, "1990-02-28", "2026-02-01", True),
        ("this_month", None, "1990-03-01", "2026-02-28", False),
        ("in_month", 12, "1990-12-31", "2026-06-01", True),
        ("on_day", "02-29", "2000-02-29", "2027-02-28", True),
    ],
)
def test_birthdays_come_over_ends_of_months_and_years(operator, value, born, on, meant):
    customer = make_customer(birth_date=date.fromisoformat(born))
    leaf = {**BIRTHDAY, "operator": operator, **({} if value is None else {"value": value})}

    assert fits(customer, leaf, at=at_noon(on)) == meant


@pytest.mark.parametrize(
    ("at", "tokyo", "lisbon", "sao_paulo"),
    [
        # 23:59 on the 1st in Tokyo; still morning of it elsewhere.
        (datetime(2026, 3, 1, 14, 59, tzinfo=UTC), False, False, False),
        (datetime(2026, 3, 1, 15, 0, tzinfo=UTC), True, False, False),
        (datetime(2026, 3, 2, 0, 0, tzinfo=UTC), True, True, False),
        (datetime(2026, 3, 2, 2, 59, tzinfo=UTC), True, True, False),
        (datetime(2026, 3, 2, 3, 0, tzinfo=UTC), True, True, True),
        (datetime(2026, 3, 2, 15, 0, tzinfo=UTC), False, True, True),
        (datetime(2026, 3, 3, 2, 59, tzinfo=UTC), False, False, True),
    ],
)
def test_a_birthday_begins_where_the_customer_is(at, tokyo, lisbon, sao_paulo):
    born = date(1990, 3, 2)
    there = [
        make_customer(timezone=zone, birth_date=born)
        for zone in ("Asia/Tokyo", "Europe/Lisbon", "")
    ]

    assert [fits(one, TODAY, at=at) for one in there] == [tokyo, lisbon, sao_paulo]


def test_a_year_older_is_who_has_their_birthday_where_they_are():
    born = date(1990, 3, 2)
    age = {"trait": "customers.age", "value": 36}
    # It is the 2nd in Tokyo, and the 1st in the shop.
    at = datetime(2026, 3, 1, 15, tzinfo=UTC)
    tokyo, shop = (make_customer(timezone=zone, birth_date=born) for zone in ("Asia/Tokyo", ""))

    def who_is(operator, value=36):
        leaf = {**age, "operator": operator, "value": value}
        return [fits(one, leaf, at=at) for one in (tokyo, shop)]

    assert who_is("at_least") == [True, False]
    assert who_is("exactly") == [True, False]
    assert who_is("at_most", 35) == [False, True]
    assert who_is("between", [30, 35]) == [False, True]
    assert who_is("between", [35, 36]) == [True, True]


def test_an_anniversary_is_celebrated_where_the_customer_is():
    since = at_noon("2025-03-02")
    tokyo, shop = (
        make_customer(timezone=zone, registered_at=since) for zone in ("Asia/Tokyo", "")
    )
    anniversary = {"trait": "customers.registered", "operator": "anniversary", "value": 0}
    moments = [datetime(2026, 3, day, hour, tzinfo=UTC) for day in (1, 2) for hour in (14, 15)]

    assert [fits(tokyo, anniversary, at=at) for at in moments] == [False, True, True, False]
    assert [fits(shop, anniversary, at=at) for at in moments] == [False, False, True, True]


@pytest.mark.parametrize(
    ("operator", "value", "on", "meant"),
    [
        ("this_month", None, "2025-03-20", False),  # the month itself is no anniversary
        ("this_month", None, "2026-03-01", True),
        ("this_month", None, "2026-03-31", True),
        ("this_month", None, "2026-04-01", False),
        ("in_month", 3, "2025-03-20", True),
        ("in_month", 4, "2025-04-20", False),
        ("on_day", "03-15", "2026-01-01", True),
        ("on_day", "03-16", "2026-01-01", False),
    ],
)
def test_days_are_asked_for_by_month_and_day_of_any_year(operator, value, on, meant):
    make_attribute("renews_on", type="date")
    customer = make_customer(
        registered_at=at_noon("2025-03-15"), attributes={"renews_on": "2025-03-15"}
    )
    asked = {"operator": operator, **({} if value is None else {"value": value})}

    for trait in ("customers.registered", "attribute.renews_on"):
        assert fits(customer, {"trait": trait, **asked}, at=at_noon(on)) == meant


@pytest.mark.parametrize(
    ("registered", "on", "found"),
    [
        ("2024-02-29", "2025-02-28", True),
        ("2024-02-29", "2025-03-01", False),
        ("2024-02-28", "2025-02-28", True),
        ("2024-03-01", "2025-02-28", False),
        ("2024-03-01", "2025-03-01", True),
        ("2023-02-28", "2024-02-28", True),
        ("2023-02-28", "2024-02-29", False),
    ],
)
def test_a_customer_for_a_year_is_found_on_one_day_29_february_included(registered, on, found):
    customer = make_customer(registered_at=at_noon(registered))
    anniversary = ready("anniversary")
    assert anniversary
    (leaf,) = anniversary.rule["all"]

    assert fits(customer, leaf, at=at_noon(on)) == found


@pytest.mark.parametrize(
    ("ordered", "on", "found"),
    [
        ("2026-01-29", "2026-02-28", True),
        ("2026-01-31", "2026-02-28", True),
        ("2026-01-27", "2026-02-28", False),
        ("2026-02-28", "2026-03-28", True),
        ("2026-02-28", "2026-03-31", False),
        ("2026-03-31", "2026-04-30", True),
    ],
)
def test_a_month_ago_ends_on_the_last_day_where_a_month_is_too_short(ordered, on, found):
    leaf = {"trait": "customers.last_order", "operator": "days_ago", "value": {"months": 1}}

    assert fits(buyer(at_noon(ordered)), leaf, at=at_noon(on)) == found


def test_three_days_ago_is_three_days_of_the_calendar_when_the_clocks_change(settings):
    settings.SHOP_TIME_ZONE = "Europe/Lisbon"
    customer = buyer(datetime(2026, 3, 27, 12, tzinfo=LISBON))
    leaf = {"trait": "customers.last_order", "operator": "days_ago", "value": 3}

    # 72 hours before, on a day after one of 23, it was still the 26th.
    assert fits(customer, leaf, at=datetime(2026, 3, 30, 0, 30, tzinfo=LISBON))


@pytest.mark.parametrize(
    ("asked_at", "ordered_at", "meant"),
    [
        ("2026-03-02 00:01", "2026-02-27 00:01", True),
        ("2026-03-02 00:01", "2026-02-27 23:59", True),
        ("2026-03-02 23:59", "2026-02-27 00:01", True),
        ("2026-03-02 23:59", "2026-02-27 23:59", True),
        ("2026-03-02 00:01", "2026-02-26 23:59", False),
        ("2026-03-02 23:59", "2026-02-28 00:01", False),
    ],
)
def test_exactly_three_days_ago_is_a_day_of_the_shop(asked_at, ordered_at, meant):
    at, moment = (
        datetime.fromisoformat(it).replace(tzinfo=SAO_PAULO) for it in (asked_at, ordered_at)
    )
    leaf = {"trait": "customers.last_order", "operator": "days_ago", "value": 3}

    assert fits(buyer(moment), leaf, at=at) == meant


@pytest.mark.parametrize(
    ("on", "months", "since"),
    [
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-03-31", 1, "2028-02-29"),
        ("2026-03-28", 1, "2026-02-28"),
        ("2026-05-31", 3, "2026-02-28"),
        ("2026-07-31", 1, "2026-06-30"),
        ("2026-01-31", 2, "2025-11-30"),
        ("2028-02-29", 12, "2027-02-28"),
    ],
)
def test_a_month_ago_is_the_same_day_or_the_last_of_the_month(on, months, since):
    just = buyer(at_noon(since))
    before = buyer(at_noon(since) - timedelta(microseconds=1))
    last = {"trait": "customers.last_order", "operator": "in_last", "value": {"months": months}}
    orders = {"trait": "customers.orders", "operator": "did", "window": {"months": months}}

    for leaf in (last, orders):
        assert (fits(just, leaf, at=at_noon(on)), fits(before, leaf, at=at_noon(on))) == (
            True,
            False,
        )


@pytest.mark.parametrize(
    ("window", "moment", "meant"),
    [
        ({"from": "2026-02-28", "until": "2026-02-28"}, "2026-02-28 00:00", True),
        ({"from": "2026-02-28", "until": "2026-02-28"}, "2026-02-28 23:59", True),
        ({"from": "2026-02-28", "until": "2026-02-28"}, "2026-03-01 00:00", False),
        ({"from": "2026-03-01"}, "2026-02-28 23:59", False),
        ({"until": "2026-02-28"}, "2026-02-27 23:59", True),
        # From Sunday to Monday.
        ({"from": "2026-03-01", "until": "2026-03-02"}, "2026-03-02 00:01", True),
    ],
)
def test_a_period_of_days_begins_and_ends_at_the_shops_midnight(window, moment, meant):
    customer = buyer(datetime.fromisoformat(moment).replace(tzinfo=SAO_PAULO))
    leaf = {"trait": "customers.orders", "operator": "did", "window": window}

    assert fits(customer, leaf, at=at_noon("2026-03-20")) == meant


# On 29 March 2026 the clocks of Lisbon go from 01:00 to 02:00, on 25 October back from 02:00.
@pytest.mark.parametrize(
    ("leaf", "asked_at", "ordered_at", "meant"),
    [
        # A day of a window is 24 hours, whatever the clock does.
        ({"window": {"days": 1}}, "2026-03-29 12:00", "2026-03-28 11:00", True),
        ({"window": {"days": 1}}, "2026-03-29 12:00", "2026-03-28 10:59", False),
        ({"window": {"days": 1}}, "2026-10-25 12:00", "2026-10-24 13:00", True),
        ({"window": {"days": 1}}, "2026-10-25 12:00", "2026-10-24 12:59", False),
        # A month is the calendar's: the same time by the clock on the wall.
        ({"window": {"months": 1}}, "2026-04-28 10:00", "2026-03-28 10:00", True),
        ({"window": {"months": 1}}, "2026-04-28 10:00", "2026-03-28 09:59", False),
        # The day of 23 hours, and that of 25, end at midnight.
        ({"window": {"until": "2026-03-29"}}, "2026-04-10 12:00", "2026-03-29 23:59", True),
        ({"window": {"until": "2026-03-29"}}, "2026-04-10 12:00", "2026-03-30 00:00", False),
        ({"window": {"from": "2026-10-26"}}, "2026-11-10 12:00", "2026-10-25 23:59", False),
        ({"window": {"from": "2026-10-26"}}, "2026-11-10 12:00", "2026-10-26 00:00", True),
    ],
)
def test_a_shop_whose_clocks_change_has_days_of_24_hours_and_months_of_its_calendar(
    leaf, asked_at, ordered_at, meant, settings
):
    settings.SHOP_TIME_ZONE = "Europe/Lisbon"
    at, moment = (
        datetime.fromisoformat(it).replace(tzinfo=LISBON) for it in (asked_at, ordered_at)
    )

    assert (
        fits(buyer(moment), {"trait": "customers.orders", "operator": "did", **leaf}, at=at)
        == meant
    )


def test_a_birthday_on_the_day_when_the_clocks_change_is_that_whole_day(settings):
    settings.SHOP_TIME_ZONE = "Europe/Lisbon"
    customer = make_customer(birth_date=date(1990, 3, 29))
    begins = datetime(2026, 3, 29, tzinfo=LISBON).astimezone(UTC)
    moments = [begins - timedelta(minutes=1), begins, begins + timedelta(hours=22, minutes=59)]

    greeted = [fits(customer, TODAY, at=at) for at in (*moments, begins + timedelta(hours=23))]

    assert greeted == [False, True, True, False]
