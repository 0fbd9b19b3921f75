"""Make the README's pictures anew, from the demo: ``make screenshots``."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
from playwright.sync_api import Page

from common.embedded.sockets import free_port
from tests.browsers import chromium, signed_in_page
from tests.programs import running

IMAGES = Path(__file__).parent.parent / "docs" / "images"
SIZE = {"width": 1280, "height": 860}


def main() -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "manage.py", "up", "--demo", "--port", str(port)]
    with running(command, stdout=subprocess.PIPE) as demo:
        assert demo.stdout
        # The log ends when the program does.
        if not any(b"Clientela is at" in line for line in demo.stdout):
            raise SystemExit("The demo did not start.")
        take_pictures(address)


def take_pictures(address: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    people: dict[str, Any] = {"username": "admin", "password": "clientela-demo", "viewport": SIZE}
    with chromium() as browser:
        page = signed_in_page(browser, address, **people)
        keep(page, "dashboard")
        page.goto(f"{address}/admin/campaigns/redemption/")
        page.goto(f"{address}/admin/customers/customer/?q=H0055")
        page.locator("#result_list a.link").first.click()
        keep(page, "profile")
        page.goto(f"{address}/admin/segments/segment/add/?ready=complained")
        page.get_by_text("For example").wait_for()
        keep(page, "segment")
        page.goto(f"{address}/admin/campaigns/campaign/")
        page.get_by_role("link", name="Thank you, regulars").first.click()
        keep(page, "campaign")


def keep(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    main()
