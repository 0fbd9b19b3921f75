"""A real browser: Debian's chromium, driven by playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.programs import real_program

# As root a browser has no sandbox; the others keep it from calling home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# As long as playwright waits before a click: on a busy machine a page may take many seconds.
expect.set_options(timeout=30_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser.

    Prepare records before and look at them after: inside the block Django refuses to ask the
    database, because playwright runs an event loop in this thread.
    """
    path = real_program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def signed_in_page(
    browser: Browser, address: str, *, username: str, password: str, **context: Any
) -> Page:
    """Sign in as a person does; ``context`` is playwright's: locale, viewport, color_scheme."""
    page = browser.new_context(**{"locale": "en-US", **context}).new_page()
    page.goto(f"{address}/admin/login/")
    page.get_by_label("Username").or_(page.get_by_label("Usuário")).fill(username)
    page.get_by_label("Password").or_(page.get_by_label("Senha")).fill(password)
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{address}/admin/")
    return page


def complaints_of(page: Page) -> list[str]:
    """Return a list to which the browser adds whatever it complains about from now on."""
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(said.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints
