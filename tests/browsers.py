"""A real browser: Debian's chromium, driven by playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

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


@contextmanager
def chromium() -> Iterator[Browser]:
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
