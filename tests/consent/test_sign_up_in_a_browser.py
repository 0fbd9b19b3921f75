"""Somebody signs up, looks in their mail and confirms, with scripts switched off."""

import re

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from consent.models import ConsentEvent
from consent.operations.opt_in_messages import send_opt_ins
from customers.models import Customer
from tests.browsers import chromium, complaints_of
from tests.consent.opt_ins import ADDRESS
from tests.found import the

pytestmark = pytest.mark.browser


def test_from_the_sign_up_to_the_mail_to_the_confirmation(site, settings, mailbox):
    settings.PUBLIC_URL = site

    with chromium() as browser:
        page = browser.new_context(locale="pt-BR", java_script_enabled=False).new_page()
        complaints = complaints_of(page)
        page.goto(f"{site}/join")
        expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
        page.get_by_label("Seu e-mail").fill(ADDRESS)
        page.get_by_label("E-mail", exact=True).check()
        page.get_by_label("Compras").check()
        page.get_by_role("button", name="Inscrever-se").click()
        expect(page.get_by_text("Veja o seu e-mail")).to_be_visible()
    send_opt_ins(at=now())
    (letter,) = mailbox.messages()
    link = the(re.search(r"http\S+", letter.get_content()))[0]
    with chromium() as browser:
        page = browser.new_context(locale="pt-BR", java_script_enabled=False).new_page()
        page.goto(link)
        page.get_by_role("button", name="Sim, confirmo").click()
        expect(page.get_by_role("heading", name="Confirmado, obrigado")).to_be_visible()

    assert Customer.objects.get().email == ADDRESS
    assert set(ConsentEvent.objects.values_list("channel", "category")) == {
        ("email", ""),
        ("", "purchase"),
    }
    assert complaints == []
