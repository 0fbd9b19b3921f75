"""The preference centre as people use it: on a phone, in the dark, by keyboard, scriptless."""

from itertools import pairwise

import pytest
from django.utils.timezone import now
from playwright.sync_api import ViewportSize, expect

from consent.enums import Channel
from consent.models import Permission
from consent.queries.tokens import preferences_url
from tests.browsers import chromium, complaints_of
from tests.factories import make_choice, make_customer

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 390, "height": 844}
MARKETING = "form:has([name=purpose][value=marketing])"
EMAIL = f"{MARKETING} input[name=ticked][value=email]"
SAVE = f"{MARKETING} button"


def path_of(customer):
    return "/" + preferences_url(customer.pk, at=now()).split("/", 3)[3]


def keys_to(page, selector):
    """Press Tab until it is there; return how often."""
    for count in range(200):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return count
        page.keyboard.press("Tab")
    raise AssertionError(selector)


def by_mouse(page):
    """Turn e-mail for marketing on, or off; return the clicks."""
    page.locator(EMAIL).click()
    page.locator(SAVE).click()
    return 2


def by_keyboard(page):
    """Turn e-mail for marketing on, or off; return the keys."""
    keys = keys_to(page, EMAIL)
    page.keyboard.press("Space")
    keys += keys_to(page, SAVE)
    page.keyboard.press("Enter")
    return keys + 2


def stop_by_mouse(page):
    page.locator("button[value=stop]").click()
    return 1


def stop_by_keyboard(page):
    keys = keys_to(page, "button[value=stop]")
    page.keyboard.press("Enter")
    return keys + 1


@pytest.mark.parametrize(
    ("change", "stop"),
    [(by_mouse, stop_by_mouse), (by_keyboard, stop_by_keyboard)],
    ids=["mouse", "keyboard"],
)
def test_leaving_takes_no_more_than_joining(site, change, stop):
    """Invariant I14: withdrawing is as easy as giving, in clicks, keys and fields."""
    ana = make_customer(language="en")
    costs, told = {}, {}

    with chromium() as browser:
        page = browser.new_page()
        for act, do in (("join", change), ("leave", change), ("stop", stop)):
            page.goto(site + path_of(ana))
            costs[act] = do(page)
            expect(page.get_by_role("heading", name="What holds now")).to_be_visible()
            told[act] = page.locator("dd").first.inner_text()

    assert told == {"join": "E-mail", "leave": "Nothing", "stop": "Nothing"}
    assert costs["leave"] <= costs["join"]
    assert costs["stop"] <= costs["join"]
    assert Permission.objects.get(customer=ana, purpose="marketing").channel_email is False


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_page_fits_a_phone_and_needs_no_script(site, language, scheme):
    ana = make_customer(language=language, phone="+5511987654321")
    make_choice(ana, channels=[Channel.EMAIL])
    found = {}

    with chromium() as browser:
        context = browser.new_context(
            java_script_enabled=False, color_scheme=scheme, viewport=PHONE
        )
        page = context.new_page()
        complaints = complaints_of(page)
        for path in ("", "/data"):
            page.goto(site + path_of(ana) + path)
            found[path] = (widest(page) <= 390, page.locator("h1").count())
        page.goto(site + path_of(ana))
        page.locator("button[value=pause]").click()
        expect(page.locator(".told")).to_be_visible()

    assert found == dict.fromkeys(("", "/data"), (True, 1))
    assert complaints == []


def widest(page):
    """Return how wide the widest is of what the page shows, itself among it."""
    # All of them in one question: to ask the browser of one after the other takes seconds.
    widths = "all => all.map(it => it.getBoundingClientRect().width)"
    return max(page.locator("html, main *").evaluate_all(widths))


def test_every_box_has_a_name_and_every_group_a_legend(site):
    ana = make_customer(language="en", phone="+5511987654321")

    with chromium() as browser:
        page = browser.new_page()
        page.goto(site + path_of(ana))
        nameless = page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]), button')]"
            ".filter(it => !(it.labels?.length || it.textContent.trim())).length"
        )
        bare = page.evaluate("document.querySelectorAll('fieldset:not(:has(> legend))').length")
        levels = page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3')].map(it => +it.tagName[1])"
        )

    assert (nameless, bare) == (0, 0)
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
