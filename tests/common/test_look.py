"""Public pages look like the shop, and can be read."""

import re
from pathlib import Path

import pytest

from common.look import DARK_PAPER, ENOUGH, PAPER, contrast, ink_on

CSS = Path("common/static/common/public.css").read_text()


@pytest.mark.parametrize(
    ("colour", "other", "told"),
    # The examples of WCAG 2.2's technique G18 and of its definition: 21 and 1 are the ends.
    [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_as_wcag_defines_it(colour, other, told):
    assert contrast(colour, other) == pytest.approx(told, abs=0.005)


@pytest.mark.parametrize("colour", ["#0f766e", "#2dd4bf", "#ffcc00", "#b91c1c", "#777777"])
def test_text_on_any_colour_of_a_shop_can_be_read(colour):
    assert contrast(ink_on(colour), colour) >= 4


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_of_public_pages_can_be_read(scheme):
    told = dict(re.findall(r"--([a-z-]+): (#\w+);", re.findall(r":root {([^}]+)}", CSS)[scheme]))
    colours = {name: _long(colour) for name, colour in told.items()}

    assert colours["paper"] == (PAPER, DARK_PAPER)[scheme]
    for ink, ground in (
        ("ink", "paper"), ("ink", "ground"), ("quiet", "paper"), ("accent", "paper"),
        ("accent", "ground"), ("on-accent", "accent"),
    ):  # fmt: skip
        assert contrast(colours[ink], colours[ground]) >= ENOUGH, (ink, ground)
    # The edge of a field is seen, too (WCAG 2.2, 1.4.11).
    assert contrast(colours["edge"], colours["paper"]) >= 3


def _long(colour):
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def test_stylesheet_gives_the_shops_colour(client, settings):
    settings.SHOP_COLOR, settings.SHOP_COLOR_DARK = "#b91c1c", "#fca5a5"

    answer = client.get("/shop.css")

    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer.content.decode() == (
        ":root { --accent: #b91c1c; --on-accent: #ffffff; }\n"
        "@media (prefers-color-scheme: dark) { :root "
        "{ --accent: #fca5a5; --on-accent: #1c1917; } }\n"
    )


def test_logo_is_served_and_runs_nothing(client, settings):
    settings.SHOP_LOGO = "common/static/common/clientela.svg"

    answer = client.get("/shop-logo")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert answer["Content-Security-Policy"].startswith("sandbox; ")
    assert b"<svg" in answer.content


@pytest.mark.parametrize("logo", ["", "manage.py", "no/such.svg"])
def test_what_is_no_logo_is_not_served(client, settings, logo):
    settings.SHOP_LOGO = logo

    assert client.get("/shop-logo").status_code == 404


@pytest.mark.django_db
def test_public_page_shows_the_logo_or_the_name(client, settings):
    assert "<header>\n      \n      Clientela" in client.get("/u/unknown").content.decode()

    settings.SHOP_LOGO = "common/static/common/clientela.svg"

    assert '<img src="/shop-logo" alt="Clientela"' in client.get("/u/unknown").content.decode()
