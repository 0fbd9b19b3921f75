from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.enums import Role
from consent.enums import Act, Channel
from customers.enums import ContactChannel, Pace, ProfileTab
from customers.operations.cases import open_case
from customers.queries.pages import profile_url
from customers.queries.profile import habit_of
from customers.rules.pace import Habit
from tests.factories import (
    NOW,
    make_choice,
    make_customer,
    make_order,
    make_user,
    make_voucher,
)
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("usual", "since", "pace"),
    [
        (10, 0, Pace.ON_TIME),
        (10, 15, Pace.ON_TIME),
        (10, 16, Pace.LATE),
        (10, 30, Pace.LATE),
        (10, 31, Pace.OVERDUE),
        # Five orders in one afternoon say nothing of tomorrow.
        (0.01, 1, Pace.ON_TIME),
    ],
)
def test_pace_compares_the_gap_with_the_usual_one(usual, since, pace):
    assert Habit(usual, since).pace == pace


def test_habit_needs_two_orders():
    once, twice = make_customer(), make_customer()
    make_order(once, ordered_at=NOW)
    for days in (50, 40):
        make_order(twice, ordered_at=NOW - timedelta(days=days))

    assert habit_of(once, at=NOW) is None
    assert habit_of(twice, at=NOW) == Habit(usual_days=10, days_since=40)
    assert habit_of(make_customer(), at=NOW) is None


def test_profile_says_who_is_at_risk_of_leaving(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    ana = make_customer()
    # A door asks for the time itself: these orders are long ago.
    for days in (50, 40):
        make_order(ana, ordered_at=NOW - timedelta(days=days))

    page = client.get(profile_url(ana.pk)).content.decode()

    assert "At risk of leaving" in page
    assert "Orders every 10 days on average." in page


@pytest.mark.parametrize("tab", ProfileTab)
def test_every_tab_asks_eight_queries_at_most_however_long_the_history(client, tab):
    role = Role.PRIVACY_OFFICER if tab == ProfileTab.ACCESS else Role.SUPPORT_AGENT
    client.force_login(make_user(role=role))
    ana = make_member(balance=70).customer
    for number in range(30):
        make_order(ana, external_id=f"L-{number}")
        make_voucher(customer=ana)
        make_choice(ana, channels=[Channel.EMAIL])
        open_case(ana, channel=ContactChannel.CHAT, subject="?", reference=f"{number}", at=NOW)
    client.get(profile_url(ana.pk, tab))

    with CaptureQueriesContext(connection) as asked:
        page = client.get(profile_url(ana.pk, tab))

    assert page.context["tab"] == tab
    assert len(asked) <= 8


def test_a_tab_that_somebody_may_not_see_is_not_offered(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    ana = make_customer()

    page = client.get(profile_url(ana.pk, ProfileTab.ACCESS))

    assert page.context["tab"] == ProfileTab.OVERVIEW
    assert ProfileTab.ACCESS not in page.context["tabs"]
    assert ProfileTab.ORDERS in page.context["tabs"]


def test_a_tab_nobody_knows_is_the_overview(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))

    page = client.get(f"{profile_url(make_customer().pk)}?tab=../etc")

    assert page.context["tab"] == ProfileTab.OVERVIEW


def test_the_privacy_officer_sees_on_the_page_who_looked(client):
    ana = make_customer()
    client.force_login(make_user(role=Role.SUPPORT_AGENT, username="andre"))
    client.get(profile_url(ana.pk))
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    page = client.get(profile_url(ana.pk, ProfileTab.ACCESS)).content.decode()

    assert "andre" in page


@pytest.mark.parametrize(
    ("act", "words"), [(Act.GIVEN, "E-mail"), (Act.REFUSED, "Refused"), (None, "Never asked")]
)
def test_the_page_says_at_a_glance_whether_advertising_may_go_out(client, act, words):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    ana = make_customer()
    if act:
        make_choice(ana, act=act, channels=[Channel.EMAIL])

    page = client.get(profile_url(ana.pk))

    headlines = {str(label): value for label, value in page.context["headlines"]}
    assert headlines["Advertising by"] == words
