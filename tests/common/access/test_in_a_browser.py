"""The second factor as a person sets it up and uses it: with a browser, a phone and a keyboard."""

import base64

import pytest
from playwright.sync_api import expect

from tests.browsers import chromium, complaints_of
from tests.common.access.codes import code_of
from tests.factories import make_user

pytestmark = pytest.mark.browser


def secret_shown(page) -> bytes:
    letters = page.locator("#secret").inner_text().replace(" ", "")
    return base64.b32decode(letters)


def give_password(page, username):
    page.locator("#id_username").fill(username)
    page.locator("#id_password").fill("secret")
    page.keyboard.press("Enter")


def test_a_person_sets_the_app_up_and_signs_in_with_its_code(site, tmp_path):
    username = make_user(is_superuser=True).username

    with chromium() as browser:
        page = browser.new_context(
            locale="pt-BR", viewport={"width": 390, "height": 844}
        ).new_page()
        complaints = complaints_of(page)
        page.goto(f"{site}/admin/login/")
        give_password(page, username)
        page.wait_for_url(f"{site}/admin/")
        page.goto(f"{site}/admin/second-factor/")

        secret = secret_shown(page)
        expect(page.locator(".qr svg")).to_be_visible()
        page.locator("#id_code").fill(code_of(secret))
        page.keyboard.press("Enter")
        expect(page.locator("#recovery-codes li")).to_have_count(10)
        codes = page.locator("#recovery-codes li").all_inner_texts()
        with page.expect_download() as file:
            page.get_by_text("Baixar como texto").click()
        file.value.save_as(tmp_path / "codes.txt")

        other = browser.new_context(
            locale="pt-BR", viewport={"width": 390, "height": 844}
        ).new_page()
        other.goto(f"{site}/admin/login/")
        give_password(other, username)
        other.wait_for_url(f"{site}/admin/login/code/")
        expect(other.locator("#id_code")).to_be_focused()
        other.get_by_role("button", name="English").click()
        expect(other.get_by_label("Code")).to_be_visible()
        other.locator("#id_code").fill(codes[0])
        other.keyboard.press("Enter")
        other.wait_for_url(f"{site}/admin/")

    assert len(codes) == 10
    assert (tmp_path / "codes.txt").read_text().split() == codes
    assert complaints == []
