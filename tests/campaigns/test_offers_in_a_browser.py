import pytest
from playwright.sync_api import expect

from campaigns.models import Offer
from common.enums import Role
from tests.browsers import chromium, complaints_of, signed_in_page
from tests.factories import make_user

pytestmark = pytest.mark.browser


def test_offer_is_said_in_a_sentence_while_it_is_typed(site):
    user = make_user(role=Role.MARKETING)

    with chromium() as browser:
        page = signed_in_page(browser, site, username=user.username, password="secret")
        complaints = complaints_of(page)
        page.goto(f"{site}/admin/campaigns/offer/add/")
        said = page.locator("#offer-sentence")
        expect(said).to_have_text("…")
        page.get_by_label("Percent", exact=True).fill("20")
        expect(said).to_have_text("20 % off, 30 days, once per customer")
        page.get_by_label("At most").fill("50")
        page.get_by_label("Orders from").fill("100")
        expect(said).to_have_text(
            "20 % off, at most R$ 50.00, orders from R$ 100.00, 30 days, once per customer"
        )
        page.get_by_label("Name").fill("May")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("May", exact=True).first).to_be_visible()

    assert Offer.objects.get(name="May").percent == 20
    assert complaints == []
