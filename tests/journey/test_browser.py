"""Marketing's main job in a real browser: by mouse, by keyboard alone, and in both languages.

Fields are found by their ids and not by their words, which are others in the other language.
"""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now
from playwright.sync_api import Browser, Page, expect

from campaigns.models import Campaign
from campaigns.queries.results import waterfall
from common.enums import Role
from segments.models import Segment
from tests.browsers import chromium, complaints_of, signed_in_page
from tests.factories import (
    allow,
    make_customer,
    make_offer,
    make_order,
    make_template,
    make_user,
)
from tests.journey.hands import Keyboard

pytestmark = pytest.mark.browser

SPENDERS_OF_RECIFE = {
    "all": [
        {"trait": "customers.spend", "operator": "at_least", "value": "150"},
        {"any": [{"trait": "customers.city", "operator": "is", "value": "Recife"}]},
    ]
}
CUSTOMERS = 12


@pytest.fixture
def marketer(program) -> str:
    """Somebody of marketing, with customers, an offer and a template to work with."""
    at = now()
    for _ in range(CUSTOMERS):
        customer = allow(make_customer(city="Recife", at=at))
        make_order(customer, total="200.00", ordered_at=at - timedelta(days=3), at=at)
    make_order(allow(make_customer(city="Recife")), total="20.00")
    make_order(allow(make_customer(city="Natal")), total="200.00")
    make_offer(name="Twenty")
    make_template("{{ offer.summary }} {{ voucher.code }}")
    return make_user(role=Role.MARKETING).username


@pytest.mark.parametrize("locale", ["en-US", "pt-BR"])
def test_a_segment_is_built_by_mouse_and_a_campaign_launched_and_read(program, marketer, locale):
    with chromium() as browser:
        page = signed_in(browser, program, marketer, locale=locale)
        complaints = complaints_of(page)
        page.locator("main a[href$='/segments/segment/add/']").click()
        build_by_mouse(page)
        launch_by_mouse(page, program)
        read_the_result(page)

    assert complaints == []
    assert Segment.objects.get().rule == SPENDERS_OF_RECIFE
    counted = waterfall(Campaign.objects.get())
    assert (counted.audience, counted.sent) == (CUSTOMERS, CUSTOMERS - 1)


def signed_in(browser: Browser, address: str, username: str, **context) -> Page:
    return signed_in_page(browser, address, username=username, password="secret", **context)


def build_by_mouse(page: Page) -> None:
    """Say who is meant, condition by condition, while the count follows."""
    page.locator("#id_name").fill("Spenders of Recife")
    # A new rule begins with one condition.
    spend = page.locator("[data-pointer='/all/0']")
    spend.locator(".rule-trait").click()
    page.locator("[role=option]", has_text=re.compile("^(Spend|Gasto)$")).click()
    spend.locator("[data-at=value]").fill("150")
    expect(page.locator("#builder-total")).to_have_text(str(CUSTOMERS + 1))

    page.locator("[data-pointer='/all'] > .rule-foot [data-focus$=-group]").click()
    page.locator("[role=option]", has_text=re.compile("^(City|Cidade)$")).click()
    city = page.locator("[data-pointer='/all/1/any/0']")
    city.locator("[data-at=value]").fill("Recife")
    expect(page.locator("#builder-total")).to_have_text(str(CUSTOMERS))
    # Each part says for itself how many it means.
    expect(spend.locator(".rule-number")).to_contain_text(str(CUSTOMERS + 1))
    expect(city.locator(".rule-number")).to_contain_text(str(CUSTOMERS + 1))

    page.locator("[name=_save]").click()
    expect(page.locator("#segment-state dd").first).to_have_text(str(CUSTOMERS))


def launch_by_mouse(page: Page, address: str) -> None:
    page.goto(f"{address}/admin/")
    page.locator("main a[href$='/campaigns/campaign/add/']").click()
    page.locator("#id_name").fill("Spring")
    page.locator("#id_segment").select_option(label="Spenders of Recife")
    page.locator("#id_template").select_option(index=1)
    page.locator("#id_offer").select_option(label="Twenty")
    page.locator("[name=_save]").click()
    page.locator("main button[type=submit]").click()


def read_the_result(page: Page) -> None:
    """Watch the page, which asks for itself while the worker sends."""
    levels = page.locator("tr.step-level .amount")
    expect(levels).to_have_text([str(CUSTOMERS), str(CUSTOMERS - 1), str(CUSTOMERS - 1)])
    expect(page.locator("tr.step-lost .amount")).to_have_text(["\N{MINUS SIGN}1"])
    expect(page.locator(".finding")).to_be_visible()


def test_a_segment_is_built_by_keyboard_alone(program, marketer):
    with chromium() as browser:
        page = signed_in(browser, program, marketer)
        complaints = complaints_of(page)
        hand = Keyboard(page)
        hand.press("main a[href$='/segments/segment/add/']", to="**/segments/segment/add/")
        build_by_keyboard(hand)
        expect(page.locator("#segment-state dd").first).to_have_text(str(CUSTOMERS))

    assert complaints == []
    assert Segment.objects.get().rule == SPENDERS_OF_RECIFE


def build_by_keyboard(hand: Keyboard) -> None:
    everybody = hand.page.locator("#builder-total")
    hand.write("#id_name", "Spenders of Recife")
    hand.pick("[data-pointer='/all/0'] .rule-trait", "spend")
    hand.write("[data-pointer='/all/0'] [data-at=value]", "150")
    expect(everybody).to_have_text(str(CUSTOMERS + 1))

    hand.pick("[data-pointer='/all'] > .rule-foot [data-focus$=-group]", "city")
    # What was added has the focus already.
    expect(hand.page.locator("[data-pointer='/all/1/any/0'] [data-at=operator]")).to_be_focused()
    hand.write("[data-pointer='/all/1/any/0'] [data-at=value]", "Recife")
    expect(everybody).to_have_text(str(CUSTOMERS))
    hand.send("[name=_save]", to="**/overview/")
