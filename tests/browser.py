"""A real browser: the system's chromium, driven by playwright."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

from tests.programs import real_program


@contextmanager
def browsing(**options) -> Iterator[Page]:
    """Open an empty page.

    Prepare records before and look at them after: inside the block Django refuses to ask the
    database, because playwright runs an event loop in this thread.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=real_program("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_context(**options).new_page()
        yield page
        browser.close()


def complaints_of(page: Page) -> list[str]:
    """Return a list to which the browser adds whatever it complains about from now on."""
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(said.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def sign_in(page: Page, site: str, username: str) -> None:
    """Sign in somebody whom ``make_user`` made."""
    page.goto(f"{site}/admin/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", "secret")
    page.click("#login-form [type=submit]")
    expect(page.locator("#nav-sidebar")).to_be_attached()
