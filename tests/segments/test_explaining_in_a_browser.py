"""The explanation as it is read: on a phone, by keyboard, in Portuguese."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import expect

from common.enums import Role
from customers.enums import ProfileTab
from customers.queries.pages import profile_url
from segments.operations.refreshing import refresh
from tests.browsers import chromium, complaints_of, signed_in_page
from tests.factories import allow, make_customer, make_order, make_user
from tests.segments.factories import IN_PORTO, make_segment

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
RULE = {
    "all": [
        *IN_PORTO["all"],
        {
            "any": [
                {
                    "trait": "customers.orders",
                    "operator": "did",
                    "window": {"days": 30},
                    "where": {"amount": {"operator": "at_least", "value": 50}},
                },
                {"trait": "customers.birthday", "operator": "in_next", "value": 7},
                {"trait": "customers.gender", "operator": "is_not", "value": "male"},
            ]
        },
        {"none": [{"trait": "customers.last_open", "operator": "in_last", "value": 90}]},
    ]
}


def settle():
    """Make somebody with an answer of every kind; return the addresses of the pages."""
    ana = allow(make_customer(city="Porto", first_name="Ana", last_name="Reis"))
    make_order(ana, total="80.00", ordered_at=now() - timedelta(days=10))
    ana.birth_date = date(1990, 6, 1)
    ana.save()
    segment = make_segment(name="Active in Porto", rule=RULE)
    make_segment(name="Not for her", rule={"none": IN_PORTO["all"]})
    refresh(segment, at=now())
    return (
        profile_url(ana.pk, ProfileTab.MESSAGES),
        reverse("admin:segments_segment_why", args=[ana.pk]),
        reverse("admin:segments_segment_explain", args=[segment.pk, ana.pk]),
    )


def test_one_goes_from_the_profile_to_why_by_keyboard_on_a_phone_in_portuguese(site):
    user = make_user(role=Role.MARKETING, language="pt-br")
    profile, _why, explained = settle()

    with chromium() as browser:
        page = signed_in_page(
            browser, site, username=user.username, password="secret", viewport=PHONE
        )
        complaints = complaints_of(page)
        page.goto(f"{site}{profile}")
        page.get_by_role("link", name="Por que está em Active in Porto?").focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}{explained}")
        expect(
            page.get_by_role("heading", name="Por que Ana Reis está em “Active in Porto”?")
        ).to_be_visible()
        expect(page.locator(".explain")).to_contain_text(re.compile("1 vez, a última em"))
        overflows = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        page.get_by_role("link", name="Outros segmentos").click()
        page.get_by_role("searchbox", name="Nome de um segmento").fill("not for")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Por que não está em Not for her?").click()
        expect(page.get_by_role("heading", name="não está em “Not for her”?")).to_be_visible()

    assert (overflows, complaints) == (False, [])
