"""A segment's page and the first look at the builder, as a browser shows them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import Locator, expect

from common.enums import Role
from customers.models import Customer
from segments.operations.refreshing import refresh
from tests.browsers import chromium, signed_in_page
from tests.factories import allow, make_customer, make_user
from tests.segments.factories import make_segment

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def marketer(real_db) -> str:
    return make_user(role=Role.MARKETING).username


def test_on_a_phone_all_that_can_be_done_about_a_member_is_in_sight(site, marketer):
    allow(make_customer(city="Porto", first_name="Maria Aparecida", last_name="de Albuquerque"))
    segment = make_segment()
    refresh(segment, at=now())

    with chromium() as browser:
        page = signed_in_page(browser, site, username=marketer, password="secret", viewport=PHONE)
        page.goto(f"{site}{reverse('admin:segments_segment_overview', args=[segment.pk])}")
        row = page.locator("table.stacked tbody tr")

        for link in ("Maria Aparecida de Albuquerque", "Why is", "Remove"):
            box = row.get_by_role("link", name=link).first.bounding_box()
            assert box
            assert box["x"] + box["width"] <= PHONE["width"]


def test_the_charts_of_a_small_segment_count_whole_people(site, marketer):
    ana = allow(make_customer(city="Porto"))
    segment = make_segment()
    refresh(segment, at=now() - timedelta(days=3))
    Customer.objects.filter(pk=ana.pk).update(city="Braga")
    refresh(segment, at=now())

    with chromium() as browser:
        page = signed_in_page(browser, site, username=marketer, password="secret")
        overview = reverse("admin:segments_segment_overview", args=[segment.pk])
        page.goto(f"{site}{overview}?tab=over_time")
        size, moves = (page.locator("#panel-size canvas").nth(place) for place in (0, 1))

        # From below: of who came and left, whoever left stands below the line.
        expect_whole_people(size, ["0", "1"])
        expect_whole_people(moves, ["1", "0"])


def expect_whole_people(canvas: Locator, labels: list[str]) -> None:
    """Wait until the chart is drawn, and look at the labels of its axis."""
    canvas.wait_for()
    canvas.page.wait_for_function("canvas => Chart.getChart(canvas)", arg=canvas.element_handle())
    shown = canvas.evaluate("it => Chart.getChart(it).scales.y.ticks.map(({ label }) => label)")
    assert shown == labels


def test_whoever_begins_a_segment_can_type_its_name_at_once(site, marketer):
    with chromium() as browser:
        page = signed_in_page(browser, site, username=marketer, password="secret")
        page.goto(f"{site}/admin/segments/segment/add/")
        page.keyboard.type("Regulars")

        expect(page.locator("#id_name")).to_have_value("Regulars")
