import pytest

from common.enums import Role
from customers.models import Customer
from customers.operations.imports import work_on_imports
from tests.browsers import chromium, signed_in_page
from tests.customers.imports.files import SLICE
from tests.factories import NOW, make_user


@pytest.mark.browser
def test_a_marketer_brings_a_file_in(site, tmp_path, monkeypatch):
    # Playwright runs an event loop in the thread that also asks the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    make_user(username="mara", role=Role.MARKETING)
    header, *rows = (SLICE / "customers.csv").read_text().splitlines()
    bad = "H9999,Zé,Ninguém,oops" + "," * (header.count(",") - 3)
    file = tmp_path / "people.csv"
    file.write_text("\n".join([header, *rows, bad]))

    with chromium() as browser:
        page = signed_in_page(browser, site, username="mara", password="secret")
        page.goto(f"{site}/admin/customers/importjob/add/")
        page.get_by_label("CSV file").set_input_files(file)
        page.get_by_role("button", name="Upload").click()
        page.get_by_role("button", name="Check the file").click()
        page.get_by_text("rows read").wait_for()
        work_on_imports(clock=lambda: NOW)
        # The page asks for itself: nobody reloads it.
        page.get_by_text("This is not an e-mail address.").wait_for()
        page.get_by_role("button", name="Bring in").click()
        page.get_by_role("button", name="Stop").wait_for()
        work_on_imports(clock=lambda: NOW)
        page.get_by_role("link", name="Download all rejected rows").wait_for()

    assert Customer.objects.count() == len(rows)
