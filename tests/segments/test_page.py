"""The parts of a segment's page."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import OperationalError
from django.urls import reverse

from common.enums import Role
from consent.enums import Act
from customers.enums import Category
from segments.admin import page as page_of_segment
from segments.enums import SegmentTab, Step
from segments.operations.refreshing import refresh
from segments.panels import SEGMENT_PANELS
from segments.queries.buying import Bought, buying
from segments.queries.dependants import asked_by, asks_for
from segments.queries.overlap import Overlap, overlaps
from tests.factories import (
    NOW,
    allow,
    make_campaign,
    make_choice,
    make_customer,
    make_order,
    make_user,
)
from tests.segments.factories import IN_PORTO, make_segment

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
IN_BRAGA = {"all": [{"trait": "customers.city", "operator": "is", "value": "Braga"}]}


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


@pytest.fixture
def marketer(client):
    user = make_user(role=Role.MARKETING)
    client.force_login(user)
    return user


def filled(**facts):
    segment = make_segment(**facts)
    refresh(segment, at=NOW)
    return segment


def member_of(*segments):
    return {
        "all": [
            {"trait": "segments.member", "operator": "inside", "value": [str(segment.pk)]}
            for segment in segments
        ]
    }


def panel(client, segment, code, **query):
    address = reverse("admin:segments_segment_panel", args=[segment.pk])
    return client.get(address, {"panel": code, **query})


def overview(segment):
    return reverse("admin:segments_segment_overview", args=[segment.pk])


def test_segments_that_share_people_are_told_with_how_many(django_assert_num_queries):
    for city in ("Porto", "Porto", "Braga"):
        allow(make_customer(city=city))
    segment, both = (
        filled(),
        filled(name="Two", rule={"any": [*IN_PORTO["all"], *IN_BRAGA["all"]]}),
    )
    filled(name="Nobody shared", rule=IN_BRAGA)

    with django_assert_num_queries(1):
        found = overlaps(segment)

    assert found == [Overlap(both.pk, "Two", shared=2, of_this=1.0, of_other=2 / 3)]


def test_of_many_members_some_tell_roughly_how_many_are_shared():
    for _person in range(12):
        allow(make_customer(city="Porto"))
    segment, _same = filled(), filled()

    (found,) = overlaps(segment, most_asked=6)

    assert found.is_rough
    assert 0 < found.shared <= 12


def test_segments_of_another_purpose_are_not_compared():
    make_customer(city="Porto")
    segment = filled()
    filled(purpose_id="transactional")

    assert overlaps(segment) == []


def test_the_builder_begins_with_people_in_both_or_in_one_alone(client, marketer):
    this, that = make_segment(name="This"), make_segment(name="That")
    add = reverse("admin:segments_segment_add")

    both = client.get(add, {"in": f"{this.pk},{that.pk}"}).context["adminform"].form
    only = client.get(add, {"in": this.pk, "not_in": that.pk}).context["adminform"].form

    assert both["name"].value() == "This and That"
    assert both.initial["rule"] == member_of(this, that)
    assert only["name"].value() == "This without That"
    assert [it["operator"] for it in only.initial["rule"]["all"]] == ["inside", "outside"]


@pytest.mark.parametrize("told", ["", "x", "9" * 30, "-1", "123456"])
def test_an_address_that_names_no_segment_begins_empty(client, marketer, told):
    page = client.get(reverse("admin:segments_segment_add"), {"in": told})

    assert page.context["adminform"].form["name"].value() is None


def test_orders_of_members_count_by_month_and_since_they_entered():
    segment = make_segment()
    ana = allow(make_customer(city="Porto"))
    refresh(segment, at=NOW - 10 * DAY)
    make_order(ana, total="30.00", ordered_at=NOW - 11 * DAY)
    make_order(ana, total="12.50", ordered_at=NOW - 9 * DAY)
    make_order(make_customer(city="Porto"), total="99.00", ordered_at=NOW - 9 * DAY)

    found = buying(segment, step=Step.MONTH, at=NOW)

    assert found.members == 1
    assert len(found.periods) == 12
    february = found.periods[-2]
    assert february == Bought(
        february.since, 2, Decimal("42.50"), orders_since=1, revenue_since=Decimal("12.50")
    )
    assert found.total.revenue == Decimal("42.50")


def test_purchases_of_whoever_refused_to_have_them_looked_at_count_nowhere():
    segment = make_segment()
    ana = allow(make_customer(city="Porto"))
    refresh(segment, at=NOW)
    make_order(ana, total="30.00", ordered_at=NOW)
    make_choice(ana, act=Act.REFUSED, categories=[Category.PURCHASE])

    found = buying(segment, step=Step.WEEK, at=NOW)

    assert (found.members, found.total.orders) == (0, 0)


def test_segments_say_whom_they_ask_for_and_who_asks_for_them(django_assert_num_queries):
    asked = make_segment(name="Asked")
    asking = make_segment(name="Asking", rule={"none": [{"all": member_of(asked)["all"]}]})

    with django_assert_num_queries(1):
        assert asked_by(asked) == [asking]
    assert asks_for(asking) == [asked]
    assert (asked_by(asking), asks_for(asked)) == ([], [])


@pytest.mark.parametrize("code", [it.code for it in SEGMENT_PANELS] + ["campaigns", "results"])
def test_a_panel_says_what_it_is_for_while_there_is_nothing(client, marketer, code):
    page = panel(client, filled(rule=IN_BRAGA), code)

    assert page.status_code == 200
    assert "<p" in page.content.decode()


@pytest.mark.parametrize("tab", SegmentTab)
def test_a_tab_costs_the_same_for_one_member_and_for_many(
    client, marketer, django_assert_max_num_queries, tab
):
    for _person in range(30):
        allow(make_customer(city="Porto"))
    segment = filled()
    make_campaign(segment=segment)
    make_segment(rule=member_of(segment))
    client.get(overview(segment), {"tab": tab.value})

    with django_assert_max_num_queries(16):
        page = client.get(overview(segment), {"tab": tab.value})
    for part in page.context["parts"]:
        with django_assert_max_num_queries(14):
            assert client.get(part.address).status_code == 200


def test_what_takes_too_long_is_said_in_words(client, marketer, monkeypatch):
    def too_long(*_asked):
        raise OperationalError("canceling statement due to statement timeout")

    slow = SEGMENT_PANELS[0]
    monkeypatch.setattr(page_of_segment, "declared", lambda *_: (replace(slow, figures=too_long),))

    page = panel(client, filled(), slow.code)

    assert page.status_code == 200
    assert "takes longer than 10 seconds" in page.content.decode()


def test_the_chosen_period_is_marked(client, marketer):
    page = panel(client, filled(), "size", choice="365").content.decode()

    assert 'aria-current="true">A year' in page


def test_a_panel_that_is_none_or_not_for_the_reader_is_not_found(client, marketer):
    segment = filled()
    assert panel(client, segment, "no_such").status_code == 404

    nosy = make_user()
    nosy.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(nosy)
    assert panel(client, segment, "revenue").status_code == 404
    assert panel(client, segment, "size").status_code == 200


def test_campaigns_that_went_to_the_segment_are_listed(client, marketer):
    segment = filled()
    campaign = make_campaign(segment=segment, name="Spring")
    make_campaign(name="Elsewhere")

    page = panel(client, segment, "campaigns")

    assert [use.campaign for use in page.context["uses"]] == [campaign]
