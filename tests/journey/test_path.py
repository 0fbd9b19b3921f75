"""The main job, played from a file to a result.

Staff at real pages, the shop's program at the API, customers at their mail: all through HTTP, with
a real database, mail server, worker and scheduler. What must come out is told by ``Book``, which
reads the same files with plain Python.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from email.message import EmailMessage
from html import unescape
from threading import Barrier
from typing import Any

import requests
from django.utils.timezone import localdate, localtime, now

from common.enums import Role, Scope
from common.mail_catcher import part
from tests.factories import in_mjml
from tests.journey.book import Book
from tests.journey.conftest import TILLS, Shop
from tests.journey.visitor import Page, Program, Visitor
from tests.programs import wait_until

CODE = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{4}-[0-9A-Z]{5}\b")
DELI = "Deli"
MUCH = Decimal("2000.00")

Waterfall = dict[str, Any]


def test_from_a_file_to_a_result(shop: Shop):
    book = shop.book
    program = an_administrator_gives_the_shops_program_a_key(shop)
    marketing, agent = shop.staff(Role.MARKETING), shop.staff(Role.SUPPORT_AGENT)

    marketing_brings_the_files_in(marketing, book)
    caller, visitor = two_good_customers_who_were_never_asked(book)
    an_agent_finds_a_customer_and_records_consent(agent, book, caller)
    the_shops_site_records_consent(program, book, visitor)
    blocked = a_privacy_officer_blocks_the_address_of_a_regular(shop)

    marketing_builds_a_segment(marketing, book)
    offer = marketing_makes_the_offer(marketing)
    template = marketing_writes_the_message(marketing)
    campaign = marketing_launches_a_campaign(
        marketing, book, offer=offer, template=template, blocked=blocked
    )
    letters = all_get_a_letter_who_may_be_written_to(shop, program, campaign, blocked=blocked)

    leaver, clicker, shy, buyer, rusher = some_recipients(book, letters)
    one_click_is_enough_to_leave(program, leaver)
    a_link_leads_to_the_shop_and_is_counted(clicker)
    a_link_leads_to_the_shop_and_is_counted(shy)
    bought = a_voucher_is_quoted_and_redeemed_once(program, buyer)
    an_agent_reads_why_the_code_is_refused(agent, buyer)
    of_fifty_tills_at_once_one_redeems(program, rusher)

    an_agent_gives_an_apology(shop, agent, buyer.person)
    above_the_limit_a_second_person_decides(shop, agent, marketing, buyer.person)
    an_order_earns_points(program, agent, book, buyer.person, total=bought)
    the_result_adds_up(program, marketing, campaign, letters=letters, revenue=bought)


# The shop's program gets its key


def an_administrator_gives_the_shops_program_a_key(shop: Shop) -> Program:
    page = shop.staff(Role.ADMINISTRATOR).open("/admin/common/apikey/add/")

    scopes = [scope.value for scope in Scope]
    shown = page.press("Save", {"name": "Checkout", "scopes": scopes})

    credential = re.search(r'<code class="credential">([^<]+)</code>', shown.response.text)
    assert credential, shown.text
    return Program(shop.address, unescape(credential[1]))


# Files come in


def marketing_brings_the_files_in(marketing: Visitor, book: Book) -> None:
    files = book.files
    bring_in(marketing, "products", files.products.read_bytes())
    the_customers_file_is_mapped_and_its_bad_row_comes_back(marketing, book)
    bring_in(marketing, "consents", without_partners(files.consents.read_bytes()))
    bring_in(marketing, "orders", files.orders_history.read_bytes(), historic=True)
    bring_in(marketing, "orders", files.orders_recent.read_bytes())


def without_partners(consents: bytes) -> bytes:
    """Leave out what was allowed by a notice that this shop has not published."""
    return b"".join(line for line in consents.splitlines(True) if b",partners," not in line)


def the_customers_file_is_mapped_and_its_bad_row_comes_back(
    marketing: Visitor, book: Book
) -> None:
    header, *people = book.files.customers.read_text().splitlines()
    titles = header.split(",")
    titles[titles.index("first_name")] = "How we call them"
    nobody = f"X1,Nobody,Here,not an address{',' * (len(titles) - 4)}"
    file = "\n".join([",".join(titles), nobody, *people])

    page = upload(marketing, "customers", file.encode())
    column = titles.index("How we call them")
    page = page.press("Check the file", {f"column-{column}": "first_name"})
    page = later(page, "Bring in")
    assert f"To create {len(people)} To update 0 Unchanged 0 Rejected rows 1" in page.text
    assert "2 email not an address This is not an e-mail address." in page.text
    page = later(page.press("Bring in"), "Created")

    assert f"Created {len(people)} Updated 0 Unchanged 0 Rejected rows 1" in page.text
    rejected = page.follow("Download all rejected rows to mend them").response.text
    (row,) = csv.reader(rejected.splitlines()[1:])
    assert row[:4] == ["X1", "Nobody", "Here", "not an address"]
    assert row[-3:] == ["2", "email", "This is not an e-mail address."]


def bring_in(marketing: Visitor, kind: str, content: bytes, *, historic: bool = False) -> None:
    """Bring in a file of which everything is new and right."""
    page = upload(marketing, kind, content, historic=historic)
    page = later(page.press("Check the file"), "Bring in")
    page = later(page.press("Bring in"), "Created")
    created = re.search(r"Created ([\d,]+) Updated 0 Unchanged 0 Rejected rows 0", page.text)
    assert created, page.text
    assert int(created[1].replace(",", "")) > 0


def upload(marketing: Visitor, kind: str, content: bytes, *, historic: bool = False) -> Page:
    fields = {"kind": kind} | ({"historic": "on"} if historic else {})
    page = marketing.open("/admin/customers/importjob/add/")
    return page.press("Upload", fields, files={"file": (f"{kind}.csv", content, "text/csv")})


# People choose


def two_good_customers_who_were_never_asked(book: Book) -> list[str]:
    good = book.bought(DELI)
    return [person for person in book.never_asked() if person in good][:2]


def an_agent_finds_a_customer_and_records_consent(agent: Visitor, book: Book, person: str) -> None:
    profile = profile_of(agent, book, person).follow("Permissions")
    assert "Never asked, so not allowed" in profile.text

    form = profile.follow("Record consent")
    categories = ["identity", "purchase", "demographic"]
    told = {"channels": "email", "categories": categories, "evidence": "Call 7"}
    profile = form.press("Record", told)

    book.chosen_since |= {(person, about): "given" for about in ("email", *categories)}
    assert "The choice is recorded and holds from now on." in profile.text
    assert "E-mail: Given (Call centre" in profile.text


def profile_of(staff: Visitor, book: Book, person: str) -> Page:
    """Find the person as staff do: by name, among all others."""
    known = book.people[person]
    name = f"{known['first_name']} {known['last_name']}"
    return staff.open(f"/admin/customers/customer/?q={name}").follow(name)


def the_shops_site_records_consent(program: Program, book: Book, person: str) -> None:
    choice = {
        "customer": person,
        "purpose": "marketing",
        "act": "given",
        "channels": ["email"],
        "categories": ["identity", "purchase"],
        "collection_point": "web_form",
        "occurred_at": now().isoformat(),
        "reference": "sign-up-1",
    }
    assert program.post("consents", choice).status_code == 201
    # The site did not hear the answer, and asks again.
    assert program.post("consents", choice).status_code == 200

    book.chosen_since |= {(person, about): "given" for about in ("email", "identity", "purchase")}
    marketing = permissions(program, person)["marketing"]
    assert marketing["channels"]["email"]["allowed"]
    assert not marketing["categories"]["demographic"]["allowed"]


def permissions(program: Program, person: str) -> dict[str, Any]:
    told = program.get(f"customers/{person}/permissions")
    return {purpose["purpose"]: purpose for purpose in told}


def a_privacy_officer_blocks_the_address_of_a_regular(shop: Shop) -> str:
    book = shop.book
    blocked = min(person for person in regulars(book) if verdict(book, person) == "will_send")
    page = shop.staff(Role.PRIVACY_OFFICER).open("/admin/consent/suppression/add/")

    listed = page.press("Save", {"address": book.people[blocked]["email"]})

    assert "Entered by staff" in listed.text
    return blocked


# Whom


def marketing_builds_a_segment(marketing: Visitor, book: Book) -> None:
    rule = {
        "all": [
            {"trait": "customers.last_order", "operator": "in_last", "value": 30},
            {"trait": "customers.spend", "operator": "at_least", "value": str(MUCH)},
            {
                "any": [
                    {"trait": "customers.bought", "operator": "any_of", "value": [DELI]},
                    {"trait": "customers.city", "operator": "is", "value": "São Paulo"},
                ]
            },
        ]
    }
    page = marketing.open("/admin/segments/segment/add/")
    asked = {"rule": rule, "purpose": "marketing"}

    counted = marketing.ask("/admin/segments/segment/check/", asked)
    assert counted["total"] == len(regulars(book))

    page = page.press("Save", {"name": "Regulars", "rule": json.dumps(rule)})
    page = reload_until(page, lambda page: "members are being found" not in page.text)
    assert f"Members {len(regulars(book))} " in page.text


def regulars(book: Book) -> set[str]:
    """Return whom the rule means: it may ask only what people allow marketing to use."""
    recent = book.bought_since(localdate() - timedelta(days=29))
    deli = book.bought(DELI)
    return {
        person
        for person in recent
        if book.allows(person, "purchase")
        and book.spend[person] >= MUCH
        and (person in deli or lives_in_sao_paulo(book, person))
    }


def lives_in_sao_paulo(book: Book, person: str) -> bool:
    return book.allows(person, "demographic") and book.people[person]["city"] == "São Paulo"


# With what and how


def marketing_makes_the_offer(marketing: Visitor) -> str:
    page = marketing.open("/admin/campaigns/offer/add/")

    page = page.press(
        "Save",
        {
            "name": "Twenty for regulars",
            "effect": "percent",
            "percent": "20",
            "cap": "50.00",
            "minimum_order": "100.00",
            "valid_days": "30",
            "per_customer_limit": "1",
        },
    )

    promise = "20 % off, at most R$ 50.00, orders from R$ 100.00, 30 days, once per customer"
    assert f"Twenty for regulars {promise}" in page.text
    return "Twenty for regulars"


def marketing_writes_the_message(marketing: Visitor) -> str:
    page = marketing.open("/admin/campaigns/template/add/")
    text = (
        "Olá, {{ customer.first_name }}! {{ offer.summary }}: <b>{{ voucher.code }}</b>"
        ' <a href="https://shop.example/deli?from=mail">Ver</a>'
        ' {{ why }} <a href="{{ unsubscribe_url }}">Sair</a>'
    )

    page = page.press(
        "Save",
        {
            "name": "Thanks",
            "subject": "{{ customer.first_name }}, um presente",
            "body": in_mjml(text),
        },
    )

    assert "Thanks {{ customer.first_name }}, um presente" in page.text
    return "Thanks"


def marketing_launches_a_campaign(
    marketing: Visitor, book: Book, *, offer: str, template: str, blocked: str
) -> int:
    page = marketing.open("/admin/campaigns/campaign/add/")
    page = page.press(
        "Save",
        {
            "name": "Spring",
            "segment": page.option("segment", "Regulars"),
            "template": page.option("template", template),
            "offer": page.option("offer", offer),
            "control_percent": "10",
        },
    )
    expected = expected_outcomes(book, blocked=blocked)
    assert f"In the segment {sum(expected.values())} " in page.text
    assert f"Will be sent {expected['will_send']} " in page.text

    # A moment from now: nobody's click begins it, but the scheduler's next round.
    start_at = localtime(now()) + timedelta(seconds=2)
    page = page.press("Launch the campaign", {"start_at": f"{start_at:%Y-%m-%dT%H:%M:%S}"})

    assert "The campaign begins by itself at its time." in page.text
    return page.number


def expected_outcomes(book: Book, *, blocked: str) -> Counter[str]:
    """Count what must become of the regulars: each of the first reason, then a tenth kept back."""
    verdicts = {person: verdict(book, person) for person in regulars(book)}
    expected = Counter((verdicts | {blocked: "suppressed"}).values())
    expected["control_group"] = round(expected["will_send"] / 10)
    expected["will_send"] -= expected["control_group"]
    return expected


def verdict(book: Book, person: str) -> str:
    """Return what must become of one of the regulars, but for the control group and blocks."""
    if not book.people[person]["email"]:
        return "no_address"
    if not book.allows(person, "email"):
        return "channel_refused" if book.answer(person, "email") else "no_permission"
    # The rule asks where people live and what they bought, the letter calls them by name.
    for data in ("demographic", "identity", "purchase"):
        if not book.allows(person, data):
            return "data_refused" if book.answer(person, data) else "data_not_asked"
    return "will_send"


# What customers do with their letters


@dataclass(frozen=True)
class Letter:
    """What one person got, by the shop's number of the person."""

    person: str
    mail: EmailMessage

    @property
    def code(self) -> str:
        (code,) = CODE.findall(part(self.mail, "plain"))
        return code

    @property
    def link(self) -> str:
        """Return where the letter's button leads: through us, so that it is counted."""
        (link,) = re.findall(r'href="([^"]+/c/[^"]+)"', part(self.mail, "html"))
        return unescape(link)


def all_get_a_letter_who_may_be_written_to(
    shop: Shop, program: Program, campaign: int, *, blocked: str
) -> list[Letter]:
    """Wait for the worker, then look into the mailbox: each gets one, and nobody else any."""
    book = shop.book
    expected = expected_outcomes(book, blocked=blocked)
    wait_until(lambda: campaign_state(program, campaign) == "finished", seconds=40)

    known = {row["email"]: person for person, row in book.people.items()}
    letters = [Letter(known[str(mail["To"])], mail) for mail in shop.mailbox.messages()]
    recipients = {letter.person for letter in letters}
    may_be_written_to = {p for p in regulars(book) if verdict(book, p) == "will_send"} - {blocked}

    counted = waterfall(program, campaign)
    held = {outcome: number for outcome, number in expected.items() if outcome != "will_send"}
    assert (counted["held"], counted["sent"]) == (held, expected["will_send"])
    assert len(letters) == len(recipients) == expected["will_send"]
    assert recipients < may_be_written_to
    assert len({letter.code for letter in letters}) == len(letters)
    for letter in letters:
        name = book.people[letter.person]["first_name"]
        assert letter.mail["Subject"] == f"{name}, um presente"
        assert letter.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert letter.mail["List-Unsubscribe"].startswith(f"<{shop.address}/u/")
        assert f"Olá, {name}!" in part(letter.mail, "plain")
    return letters


def campaign_state(program: Program, campaign: int) -> str:
    (found,) = [one for one in program.get("campaigns")["results"] if one["id"] == campaign]
    return found["state"]


def waterfall(program: Program, campaign: int) -> Waterfall:
    return program.get(f"campaigns/{campaign}/result")["waterfall"]


def some_recipients(book: Book, letters: list[Letter]) -> tuple[Letter, ...]:
    """Return five: of the second we may know what they click, of the third we may not."""
    known = next(letter for letter in letters if book.allows(letter.person, "browsing"))
    shy = next(letter for letter in letters if not book.allows(letter.person, "browsing"))
    others = [letter for letter in letters if letter not in (known, shy)]
    return others[0], known, shy, others[1], others[2]


def one_click_is_enough_to_leave(program: Program, letter: Letter) -> None:
    """Post as a mailbox provider does: RFC 8058, without cookies, the body as it stands."""
    address = letter.mail["List-Unsubscribe"].strip("<>")
    field, _, value = letter.mail["List-Unsubscribe-Post"].partition("=")

    # A scanner looks at every address of a letter; that is nobody's wish.
    assert requests.get(address, timeout=30).status_code == 200
    assert permissions(program, letter.person)["marketing"]["channels"]["email"]["allowed"]
    answer = requests.post(address, data={field: value}, allow_redirects=False, timeout=30)

    assert answer.status_code == 200
    email = permissions(program, letter.person)["marketing"]["channels"]["email"]
    assert email["verdict"] == "channel_refused"


def a_link_leads_to_the_shop_and_is_counted(letter: Letter) -> None:
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101"}

    answer = requests.get(letter.link, headers=browser, allow_redirects=False, timeout=30)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://shop.example/deli?from=mail"


def a_voucher_is_quoted_and_redeemed_once(program: Program, letter: Letter) -> Decimal:
    """Return what the buyer pays in the end."""
    cart = {"code": letter.code, "customer": letter.person, "lines": cart_of("300.00")}
    small = {**cart, "lines": cart_of("95.90")}

    refused = program.post("quotes", small).json()
    assert (refused["accepted"], refused["code"]) == (False, "minimum_not_reached")
    said = "For orders from R$\u00a0100.00: add R$\u00a04.10 to use this voucher."
    assert refused["message"] == said
    quoted = program.post("quotes", cart).json()
    # A fifth of 300.00 would be 60.00.
    assert (quoted["accepted"], quoted["total"], quoted["discount"]) == (True, "300.00", "50.00")

    order = {**cart, "order": "W-1"}
    redeemed = program.post("redemptions", order, key="W-1")
    assert (redeemed.status_code, redeemed.json()["discount"]) == (201, "50.00")
    again = program.post("redemptions", order, key="W-1")
    assert (again.status_code, again.json()) == (201, redeemed.json())
    other = program.post("redemptions", {**cart, "order": "W-2"}, key="W-2")
    assert (other.status_code, other.json()["code"]) == (409, "voucher_used_up")
    assert other.json()["message"] == "This voucher has already been used."
    return Decimal(quoted["total"]) - Decimal(quoted["discount"])


def cart_of(total: str) -> list[dict[str, str]]:
    return [{"sku": "ham", "quantity": "1", "unit_price": total}]


def an_agent_reads_why_the_code_is_refused(agent: Visitor, letter: Letter) -> None:
    """Everything that stands in the way, where the till says only the first."""
    page = agent.open("/admin/campaigns/voucher/check/")

    page = page.press("Check", {"code": letter.code.lower(), "total": "95.90"})

    assert "Uses allowed of this voucher: 1; so far: 1." in page.text
    assert "Uses allowed per customer: 1; this one so far: 1." in page.text
    assert "The minimum is R$ 100.00, the cart has R$ 95.90; add R$ 4.10." in page.text


def of_fifty_tills_at_once_one_redeems(program: Program, letter: Letter) -> None:
    together = Barrier(TILLS)

    def redeem(till: int) -> tuple[int, str]:
        together.wait()
        order = {
            "code": letter.code,
            "customer": letter.person,
            "lines": cart_of("150.00"),
            "order": f"till-{till}",
        }
        answer = program.post("redemptions", order, key=f"till-{till}")
        return answer.status_code, answer.json().get("code", "")

    with ThreadPoolExecutor(TILLS) as tills:
        answers = Counter(tills.map(redeem, range(TILLS)))

    # Both are true of the others; which limit a till meets first is a matter of microseconds.
    refusals = {(409, "voucher_used_up"), (409, "customer_used_up")}
    assert answers.pop((201, "")) == 1
    assert answers.keys() <= refusals
    assert answers.total() == TILLS - 1
    redeemed = program.get("redemptions", customer=letter.person)["results"]
    assert [redemption["discount"] for redemption in redeemed] == ["30.00"]


# Apologies


def an_agent_gives_an_apology(shop: Shop, agent: Visitor, person: str) -> None:
    page = profile_of(agent, shop.book, person).follow("Give an apology voucher")

    page = page.press("Give the voucher", {"amount": "25.00", "reason": "damaged"})

    assert "The voucher is issued; the customer gets it by e-mail." in page.text
    assert "25,00" in part(apology_to(shop, person), "plain")


def above_the_limit_a_second_person_decides(
    shop: Shop, agent: Visitor, marketing: Visitor, person: str
) -> None:
    page = profile_of(agent, shop.book, person).follow("Give an apology voucher")
    page = page.press("Give the voucher", {"amount": "120.00", "reason": "late"})
    assert "This is above your limit: the voucher waits for a second person." in page.text
    letters = len(shop.mailbox.names())

    waiting = marketing.open("/admin/campaigns/apology/?state__exact=waiting")
    (link,) = [
        link for link in waiting.links.values() if "/apology/" in link and "/change/" in link
    ]
    page = marketing.open(link)
    assert len(shop.mailbox.names()) == letters
    page = page.press("Approve and send")

    assert "The voucher is issued; the customer gets it by e-mail." in page.text
    wait_until(lambda: len(shop.mailbox.names()) > letters)
    assert "120,00" in part(apology_to(shop, person), "plain")


def apology_to(shop: Shop, person: str) -> EmailMessage:
    """Wait for the worker to send it; return the last."""
    email = shop.book.people[person]["email"]

    def sent() -> list[EmailMessage]:
        return [
            mail
            for mail in shop.mailbox.messages()
            if mail["To"] == email and "apology" in mail["Message-ID"]
        ]

    wait_until(sent)
    return sent()[-1]


# Points


def an_order_earns_points(
    program: Program, agent: Visitor, book: Book, person: str, *, total: Decimal
) -> None:
    def member() -> dict[str, Any]:
        return program.get(f"members/{person}")

    before = member()["balance"]
    ham = {"sku": book.some_sku(DELI), "quantity": "1", "total": str(total), "discount": "50.00"}
    order = {
        "external_id": "W-1",
        "customer": person,
        "ordered_at": now().isoformat(),
        "lines": [ham],
    }

    assert program.post("orders", order).status_code == 201
    # The till did not hear the answer, and tells it again.
    assert program.post("orders", order).status_code == 200

    wait_until(lambda: member()["balance"] != before)
    assert member()["balance"] == before + int(total)
    assert member()["tier"]["name"] == "Ouro"
    profile = profile_of(agent, book, person)
    assert f"Earned {int(total)} points" in profile.text
    points = profile.follow("Points and vouchers").text
    assert f"Points to spend {before + int(total):,} Tier Ouro" in points


# Did it pay


def the_result_adds_up(
    program: Program,
    marketing: Visitor,
    campaign: int,
    *,
    letters: list[Letter],
    revenue: Decimal,
) -> None:
    told = program.get(f"campaigns/{campaign}/result")
    counted, compared = told["waterfall"], told["result"]
    held = sum(counted["held"].values())

    assert counted["audience"] == held + counted["will_send"]
    assert counted["will_send"] == counted["sent"] == len(letters)
    assert (counted["clicked"], counted["nameless_clicks"]) == (1, 1)
    assert (counted["unsubscribed"], counted["redeemed"]) == (1, 2)
    assert counted["given_away"] == "80.00"
    assert compared["treated"]["people"] == counted["will_send"]
    assert compared["control"]["people"] == counted["held"]["control_group"]
    assert (compared["treated"]["orders"], compared["control"]["orders"]) == (1, 0)
    assert Decimal(compared["treated"]["revenue"]) == revenue
    assert compared["finding"] == "not_proven"
    low, high = compared["per_person"]["low"], compared["per_person"]["high"]
    assert low < 0 < revenue / len(letters) < high

    page = marketing.open(f"/admin/campaigns/campaign/{campaign}/change/")
    for label, number in (
        ("In the segment", counted["audience"]),
        ("Control group", f"\N{MINUS SIGN}{counted['held']['control_group']}"),
        ("To be sent", counted["will_send"]),
        ("Sent", counted["sent"]),
        ("Clicked", 1),
        ("Redeemed", 2),
        ("Unsubscribed", 1),
    ):
        assert f"{label} {number} " in page.text
    assert "Not proven" in page.text


# Waiting


def later(page: Page, sign: str) -> Page:
    """Look again, as the page does by itself, until it shows the sign."""
    return reload_until(page, lambda page: sign in page.text)


def reload_until(page: Page, is_ready: Callable[[Page], bool]) -> Page:
    seen = [page]

    def look() -> bool:
        seen.append(page.visitor.open(page.path))
        return is_ready(seen[-1])

    wait_until(look, seconds=30)
    return seen[-1]
