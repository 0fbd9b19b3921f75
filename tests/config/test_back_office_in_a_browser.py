import re

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import expect

from consent.models import Permission
from tests.browsers import chromium, complaints_of, signed_in_page
from tests.config.one_of_each import one_of_each
from tests.factories import make_customer, make_user

pytestmark = pytest.mark.browser

# Their rows lead to the customer.
LISTED_ALONE = {Permission}


def test_every_page_keeps_the_content_policy_and_has_its_landmark(site):
    user = make_user(is_superuser=True)
    records = one_of_each()
    pages = [reverse("admin:index"), *lists_and_forms(records)]

    found = {}
    with chromium() as browser:
        page = signed_in_page(browser, site, username=user.username, password="secret")
        complaints = complaints_of(page)
        for address in pages:
            page.goto(f"{site}{address}")
            found[address] = (list(complaints), page.locator("main").count())
            complaints.clear()

    assert found == dict.fromkeys(pages, ([], 1))


def test_search_opens_the_first_hit_by_keyboard_alone(site):
    user = make_user(is_superuser=True)
    customer = make_customer(first_name="João", last_name="Ávila")

    with chromium() as browser:
        page = signed_in_page(browser, site, username=user.username, password="secret")
        # Before the page's scripts have run, nobody listens.
        page.wait_for_load_state("networkidle")
        page.keyboard.press("Control+k")
        expect(page.locator("#search-input-command")).to_be_focused()
        page.keyboard.type("joao avila")
        expect(page.locator("#command-results-list li")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/customer/{customer.pk}/profile/"))


def test_the_language_is_chosen_in_the_menu(site):
    user = make_user(is_superuser=True)

    with chromium() as browser:
        page = signed_in_page(browser, site, username=user.username, password="secret")
        page.get_by_text(user.username).last.click()
        page.get_by_role("button", name="pt-br").click()
        expect(page.locator("html")).to_have_attribute("lang", "pt-br")

    user.refresh_from_db()
    assert user.language == "pt-br"


def lists_and_forms(records):
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if model not in LISTED_ALONE:
            yield reverse(f"{name}_change", args=[records[model].pk])
