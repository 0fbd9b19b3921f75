"""The builder in a browser: by mouse, by keyboard alone, dragged, on a phone, in Portuguese."""

import pytest
from playwright.sync_api import Locator, Page, expect

from common.enums import Role
from segments.models import Segment
from tests.browsers import chromium, complaints_of, signed_in_page
from tests.factories import allow, make_customer, make_order, make_user
from tests.journey.hands import Keyboard
from tests.segments.factories import make_segment

pytestmark = pytest.mark.browser

RECIFE = {"trait": "customers.city", "operator": "is", "value": "Recife"}
NATAL = {"trait": "customers.city", "operator": "is", "value": "Natal"}
GROWN_UP = {"trait": "customers.age", "operator": "at_least", "value": 18}
# Everything that a condition of many rows can say.
WIDE = {
    "trait": "customers.orders",
    "operator": "between",
    "value": ["10", "500.50"],
    "measure": {"average": "amount"},
    "window": {"since": {"trait": "customers.cases", "where": {"status": "open"}}},
    "where": {"discount": {"operator": "at_least", "value": "5"}, "category": "Food"},
    "then": {
        "trait": "customers.carts",
        "operator": "did_not",
        "within": {"days": 7},
        "then": {"trait": "customers.cases", "operator": "did", "within": {"days": 2}},
    },
}
SHAPES = [
    {"trait": "customers.last_order", "operator": "in_last", "value": {"months": 3}},
    {"trait": "customers.birthday", "operator": "on_day", "value": "02-29"},
    {"trait": "customers.birthday", "operator": "in_month", "value": 12},
    {"trait": "customers.age", "operator": "between", "value": [20, 40], "unknown": True},
    {"trait": "customers.city", "operator": "one_of", "value": ["Recife", "Natal"]},
    {"trait": "segments.share", "operator": "between", "value": ["0", "12.5"]},
    {
        "trait": "customers.near",
        "operator": "near",
        "value": {"country": "BR", "city": "Recife", "km": 30},
    },
    {"trait": "customers.orders", "operator": "did", "window": {"days_ago": [60, 30]}},
    {"trait": "customers.orders", "operator": "did", "window": {"from": "2026-01-01"}},
    {"trait": "customers.city", "operator": "not_contains", "value": "Rec"},
    {
        "trait": "customers.goods",
        "operator": "at_least",
        "value": "200",
        "measure": {"sum": "amount"},
        "where": {"category": "Food", "product": {"operator": "contains", "value": "milk"}},
    },
    {
        "trait": "campaigns.holds_voucher",
        "operator": "in_next",
        "value": 3,
        "measure": {"last": "ends"},
    },
    {"trait": "events.consent.withdrawn", "operator": "did", "where": {"channel": "sms"}},
    {
        "trait": "events.consent.withdrawn",
        "operator": "is_not",
        "value": "marketing",
        "measure": {"last": "purpose"},
    },
]


@pytest.fixture
def marketer(real_db) -> str:
    for city in ("Recife", "Recife", "Natal"):
        make_order(allow(make_customer(city=city)), total="80.00")
    return make_user(role=Role.MARKETING).username


def opened(browser, site, marketer, path, **context) -> Page:
    page = signed_in_page(browser, site, username=marketer, password="secret", **context)
    page.goto(f"{site}/admin/segments/segment/{path}")
    return page


def part(page: Page, pointer: str) -> Locator:
    return page.locator(f"[data-pointer='{pointer}']")


def choose(page: Page, button: Locator, words: str) -> None:
    button.click()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def test_a_nested_rule_is_built_by_mouse_and_regrouped_by_dragging(site, marketer):
    with chromium() as browser:
        page = opened(browser, site, marketer, "add/", viewport={"width": 1280, "height": 1400})
        complaints = complaints_of(page)
        page.locator("#id_name").fill("North-east")
        choose(page, part(page, "/all/0").locator(".rule-trait"), "cit")
        part(page, "/all/0").locator("[data-at=value]").fill("Recife")
        expect(page.locator("#builder-total")).to_have_text("2")

        choose(page, page.locator("[data-focus$=-add-group]"), "city")
        part(page, "/all/1/any/0").locator("[data-at=value]").fill("Natal")
        # What cannot be at once is said beside its place.
        expect(part(page, "/all").locator("> .rule-notes")).to_contain_text("Nobody fits all")
        drag(page, part(page, "/all/0"), onto=part(page, "/all/1/any"))

        both = part(page, "/all/0/any")
        expect(both.locator("> .rule-line .rule-number")).to_have_text("3 people")
        expect(page.locator(".segment-sentence")).to_have_text("City is Natal or city is Recife")
        page.keyboard.press("Control+z")
        expect(part(page, "/all/1/any/0")).to_be_visible()
        page.locator("[data-tool=redo]").click()
        expect(page.locator("#builder-total")).to_have_text("3")
        page.locator("[name=_save]").click()
        page.wait_for_url("**/overview/")

        assert complaints == []
    assert Segment.objects.get().rule == {"all": [{"any": [NATAL, RECIFE]}]}


def drag(page: Page, moved: Locator, *, onto: Locator) -> None:
    moved.locator(".rule-handle").first.hover()
    page.mouse.down()
    box = onto.locator("> .rule-foot").bounding_box()
    assert box
    page.mouse.move(box["x"] + 300, box["y"] + 20, steps=4)
    page.mouse.up()


def test_a_rule_is_built_moved_and_undone_by_keyboard_alone(site, marketer):
    with chromium() as browser:
        page = opened(browser, site, marketer, "add/")
        hand = Keyboard(page)
        hand.write("#id_name", "Grown-ups of Recife")
        hand.pick("[data-pointer='/all/0'] .rule-trait", "age")
        hand.write("[data-pointer='/all/0'] [data-at=value]", "18")
        hand.pick("[data-pointer='/all'] > .rule-foot [data-focus$=-condition]", "city")
        hand.write("[data-pointer='/all/1'] [data-at=value]", "Recife")
        hand.go_to("[data-pointer='/all/1'] .rule-handle", by="Shift+Tab")
        hand.key("Alt+ArrowUp")

        # The focus goes along with what was moved, and its new place is said.
        expect(part(page, "/all/0").locator(".rule-handle")).to_be_focused()
        expect(page.locator(".rule-live")).not_to_be_empty()
        hand.go_to("[data-pointer='/all/0'] [data-at=value]")
        hand.send("[name=_save]", to="**/overview/")

    assert Segment.objects.get().rule == {"all": [RECIFE, GROWN_UP]}


def test_whatever_the_language_says_is_shown_and_kept_as_it_was(site, marketer):
    rule = {"all": [WIDE, {"none": SHAPES}]}
    segment = make_segment(rule=rule)

    with chromium() as browser:
        page = opened(browser, site, marketer, f"{segment.pk}/change/")
        complaints = complaints_of(page)
        expect(page.locator("#builder-total")).not_to_have_text("…")
        # Redrawn and told anew, not sent back as it came.
        part(page, "/all").locator(".rule-combination").first.select_option("any")
        part(page, "/any").locator(".rule-combination").first.select_option("all")
        page.locator("#id_description").fill("The same")
        page.locator("[name=_save]").click()
        page.wait_for_url("**/overview/")

        assert complaints == []
    segment.refresh_from_db()
    assert (segment.rule, segment.description) == (rule, "The same")


def test_on_a_phone_in_portuguese_nothing_sticks_out_and_a_wrong_place_is_marked(site, marketer):
    broken = make_segment(rule={"all": [{"none": [RECIFE]}, WIDE]})
    Segment.objects.update(
        rule={"all": [{"trait": "gone.away", "operator": "is", "value": 1}, RECIFE]}
    )
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "locale": "pt-BR"}

    with chromium() as browser:
        page = opened(browser, site, marketer, f"{broken.pk}/change/", **phone)
        # What is known no more keeps its place and says so.
        expect(part(page, "/all/0").locator(".rule-note")).to_have_text(
            "errorEscolha o que perguntar."
        )
        part(page, "/all/0").locator("[data-focus$=-remove]").tap()
        expect(page.locator(".builder-short")).to_have_text("2 pessoas")
        page.locator("[data-focus$=-add-condition]").tap()
        page.keyboard.type("pedido")
        expect(page.locator("[role=option]").first).to_be_in_viewport()

        assert page.evaluate("document.documentElement.scrollWidth") == 390
