"""What the commonest jobs of each role cost, from the first page on: no more than we say.

``docs/clicks.md`` has the table.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils.timezone import now
from playwright.sync_api import expect

from campaigns.operations.sending import send_until_dry
from common.access.sessions import VERIFIED_AT
from common.enums import Role
from tests.browsers import chromium, signed_in_page
from tests.factories import (
    allow,
    make_apology,
    make_customer,
    make_launched,
    make_offer,
    make_order,
    make_segment,
    make_template,
    make_user,
)
from tests.journey.hands import Hand, Keyboard, Mouse

pytestmark = pytest.mark.browser

TABLE = Path(__file__).parents[2] / "docs" / "clicks.md"

Job = Callable[[Hand], None]


def build_a_segment(hand: Hand) -> None:
    hand.start("Build a segment", "/admin/segments/segment/add/")
    hand.write("#id_name", f"Big spenders, by {type(hand).__name__}")
    hand.pick("[data-pointer='/all/0'] .rule-trait", "spend")
    hand.write("[data-pointer='/all/0'] [data-at=value]", "100")
    hand.send("[name=_save]", to="**/overview/**")


def send_a_campaign(hand: Hand) -> None:
    hand.start("Plan a campaign", "/admin/campaigns/campaign/add/")
    hand.write("#id_name", f"Spring, by {type(hand).__name__}")
    hand.choose("#id_segment", "Regulars")
    hand.choose("#id_template", "Thanks")
    hand.choose("#id_offer", "Twenty")
    hand.press("[name=_save]", to="**/launch/**")
    hand.press("main button[type=submit]", to="**/change/**")


def read_a_result(hand: Hand) -> None:
    hand.find("Winter", to="**/campaigns/campaign/*/change/**")
    expect(hand.page.locator(".finding")).to_be_visible()


def find_a_customer(hand: Hand) -> None:
    hand.find("Ávila", to="**/profile/**")


def issue_an_apology(hand: Hand) -> None:
    find_a_customer(hand)
    hand.press("main a[href*='/apology/give/']", to="**/apology/give/*/**")
    hand.write("#id_amount", "20")
    hand.choose("#id_reason", "Wrong item")
    hand.press("main button[type=submit]", to="**/profile/**")


def record_consent(hand: Hand) -> None:
    find_a_customer(hand)
    hand.press("main a[href*='/consentevent/record/']", to="**/record/*/**")
    hand.tick("[name=channels][value=email]")
    hand.write("#id_evidence", "Call 7")
    hand.press("main button[type=submit]", to="**/profile/**")


def see_who_looked_at_a_customer(hand: Hand) -> None:
    find_a_customer(hand)
    hand.press("main a[href='?tab=access']", to="**/profile/?tab=access")
    expect(hand.page.locator("#looks")).to_contain_text(str(now().year))


def block_an_address(hand: Hand) -> None:
    hand.start("Block an address", "/admin/consent/suppression/add/")
    hand.write("#id_address", f"{type(hand).__name__}@mail.example")
    hand.send("[name=_save]", to="**/consent/suppression/")


def see_what_a_customer_permits(hand: Hand) -> None:
    find_a_customer(hand)
    hand.press("main a[href='?tab=permissions']", to="**/profile/?tab=permissions")
    expect(hand.page.locator("#permissions")).to_be_visible()


def look_at_a_segment(hand: Hand) -> None:
    hand.find("Regulars", to="**/segments/segment/*/overview/**")


def find_an_order(hand: Hand) -> None:
    hand.find("ORDER-77", to="**/customers/order/*/change/**")


def show_who_one_is(hand: Hand) -> None:
    expect(hand.page.locator("#id_confirm-password")).to_be_focused()
    hand.write("#id_confirm-password", "secret")
    hand.send("#confirm-form button")
    # Until the next page is there nothing has the focus.
    hand.page.wait_for_function(
        "document.readyState === 'complete' && !document.querySelector('#confirm-form')"
    )


def make_a_user(hand: Hand) -> None:
    hand.start("Add a colleague", "/admin/common/user/add/")
    show_who_one_is(hand)
    hand.write("#id_username", f"new-{type(hand).__name__.lower()}")
    hand.tick("#id_groups_0")
    hand.write("#id_password1", "a-long-secret-77")
    hand.write("#id_password2", "a-long-secret-77")
    hand.send("[name=_save]", to="**/common/user/*/change/**")


def make_an_api_key(hand: Hand) -> None:
    hand.start("Connect a program", "/admin/common/apikey/add/")
    show_who_one_is(hand)
    hand.write("#id_name", "Checkout")
    hand.tick("[name=scopes][value='vouchers:redeem']")
    hand.send("[name=_save]")
    expect(hand.page.locator(".credential")).to_be_visible()


def approve_an_apology(hand: Hand) -> None:
    hand.open("Apology vouchers", "/admin/campaigns/apology/")
    hand.press("#result_list tbody a", to="**/apology/*/change/**")
    hand.press("form[action$='/decide/'] button")
    show_who_one_is(hand)
    expect(hand.page.locator("form[action$='/decide/']")).to_have_count(0)


JOBS: dict[Role, list[Job]] = {
    Role.MARKETING: [build_a_segment, send_a_campaign, read_a_result],
    Role.SUPPORT_AGENT: [find_a_customer, issue_an_apology, record_consent],
    Role.PRIVACY_OFFICER: [
        see_who_looked_at_a_customer,
        block_an_address,
        see_what_a_customer_permits,
    ],
    Role.ANALYST: [read_a_result, look_at_a_segment, find_an_order],
    Role.ADMINISTRATOR: [make_a_user, make_an_api_key, approve_an_apology],
}


@pytest.fixture
def something_to_do(site, mailbox) -> str:
    """A site with one of each that the jobs are about."""
    customer = allow(make_customer(first_name="João", last_name="Ávila"))
    make_order(customer, external_id="ORDER-77")
    make_segment(customer, name="Regulars", refreshed_at=now())
    make_offer(name="Twenty")
    template = make_template()
    template.name = "Thanks"
    template.save()
    make_launched(customer, name="Winter", at=now())
    send_until_dry(clock=now)
    for amount in ("100.00", "101.00"):
        make_apology(customer, amount=amount)
    return site


@pytest.mark.parametrize("role", JOBS)
def test_no_job_costs_more_than_we_say(something_to_do, role):
    username = make_user(role=role).username
    counted: dict[str, tuple[int, ...]] = {}

    with chromium() as browser:
        for way in (Mouse, Keyboard):
            page = signed_in_page(browser, something_to_do, username=username, password="secret")
            for job in JOBS[role]:
                title = job.__name__.replace("_", " ").capitalize().replace("api", "API")
                cost = cost_of(job, way(page), something_to_do)
                counted[title] = (*counted.get(title, ()), cost)
            page.context.close()

    written = table()[str(role.label)]
    assert counted.keys() == written.keys()
    dearer = {
        title: costs
        for title, costs in counted.items()
        if any(cost > most for cost, most in zip(costs, written[title], strict=True))
    }
    assert dearer == {}


def cost_of(job: Job, hand: Hand, address: str) -> int:
    """Do the job from the first page on, a while after the sign-in; return the clicks or keys."""
    # Beside the browser's event loop Django asks no database: another thread does.
    with ThreadPoolExecutor() as beside:
        beside.submit(forget_that_they_are_recent).result()
    hand.page.goto(f"{address}/admin/")
    job(hand)
    return hand.count


def forget_that_they_are_recent() -> None:
    """Let every session be ten minutes old: what asks for it asks who one is."""
    for kept in Session.objects.all():
        session = SessionStore(kept.session_key)
        session[VERIFIED_AT] = session.get(VERIFIED_AT, 0) - 600
        session.save()
    connection.close()


def table() -> dict[str, dict[str, tuple[int, ...]]]:
    """Read the clicks and keys of each job, by role, from the documentation."""
    jobs: dict[str, dict[str, tuple[int, ...]]] = {}
    for line in TABLE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[-1].isdigit():
            role, job, *counts = cells
            jobs.setdefault(role, {})[job] = tuple(map(int, counts))
    return jobs
