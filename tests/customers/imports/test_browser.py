"""A file from upload to undo in a real browser, as a Brazilian marketer does it."""

from pathlib import Path

import pytest
from django.utils.timezone import now
from playwright.sync_api import Browser, Page, expect

from common.enums import Language, Role
from customers.models import Customer
from customers.operations.imports import work_on_imports
from tests.browsers import chromium, complaints_of, signed_in_page
from tests.factories import make_customer, make_user
from tests.journey.hands import Keyboard
from tests.races import at_once

pytestmark = pytest.mark.browser


@pytest.fixture
def people(tmp_path) -> Path:
    """Return a file as a Brazilian shop's spreadsheet writes it, with one row that is wrong."""
    make_user(username="mara", role=Role.MARKETING, language=Language.PORTUGUESE)
    make_customer(external_id="C1", first_name="Ana", city="Natal")
    file = tmp_path / "clientes.csv"
    rows = ["Código;Nome;E-mail;Cidade;Nascimento", "C1;Ana;;São Paulo;05/03/1990"]
    rows += [f"N{number};Zé;ze{number}@correio.example;Olinda;" for number in range(3)]
    file.write_bytes("\r\n".join([*rows, "N9;Bia;oops;;"]).encode("cp1252"))
    return file


def signed_in(browser: Browser, site: str, **context) -> Page:
    context = {"locale": "pt-BR", **context}
    return signed_in_page(browser, site, username="mara", password="secret", **context)


def work() -> None:
    """Do what a worker does meanwhile; the page finds out by itself."""
    # In a thread: playwright runs an event loop in this one, and Django then asks no database.
    at_once(lambda: work_on_imports(clock=now))


@pytest.mark.parametrize("width", [1280, 390])
def test_a_file_is_uploaded_mapped_previewed_brought_in_and_undone(site, people, width):
    with chromium() as browser:
        page = signed_in(browser, site, viewport={"width": width, "height": 900})
        complaints = complaints_of(page)
        page.goto(f"{site}/admin/customers/importjob/add/")
        page.locator("#id_kind").select_option("customers")
        page.locator("#id_file").set_input_files(people)
        page.get_by_role("button", name="Enviar").click()

        # The columns are understood by their Portuguese names.
        expect(page.locator("#id_column-4")).to_have_value("birth_date")
        page.get_by_role("button", name="Conferir o arquivo").click()
        expect(page.locator("progress")).to_be_visible()
        work()

        figures = page.locator(".figure dd")
        expect(figures).to_have_text(["3", "1", "0", "1"])
        expect(page.get_by_text("O que vai mudar")).to_be_visible()
        expect(page.get_by_role("cell", name="oops")).to_be_visible()
        page.get_by_role("button", name="Importar").click()
        expect(page.locator("progress")).to_be_visible()
        work()

        expect(figures).to_have_text(["3", "1", "0", "1"])
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits)
        page.get_by_role("link", name="Desfazer esta importação").click()
        expect(figures).to_have_text(["3", "1", "0"])
        page.get_by_role("button", name="Desfazer a importação").click()
        expect(page.locator("progress")).to_be_visible()
        work()
        expect(page.get_by_text("Recuperaram os valores anteriores")).to_be_visible()

    assert complaints == []
    assert list(Customer.objects.values_list("external_id", "city")) == [("C1", "Natal")]


def test_a_file_is_brought_in_by_keyboard_alone(site, people):
    with chromium() as browser:
        page = signed_in(browser, site)
        page.goto(f"{site}/admin/customers/importjob/add/")
        page.locator("#id_file").set_input_files(people)
        hand = Keyboard(page)
        hand.press("main form[enctype] button[type=submit]")
        page.locator("#id_column-0").wait_for()
        hand.press("button[value=check]")
        page.locator("progress").wait_for()
        work()
        page.locator("button[value=start]").wait_for()
        hand.press("button[value=start]")
        page.locator("progress").wait_for()
        work()
        expect(page.locator(".figure dd").first).to_have_text("3")

    assert Customer.objects.count() == 4
