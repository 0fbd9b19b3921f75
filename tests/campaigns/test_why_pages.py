"""Why did I get this: the page behind the link in every message, and what its buttons do."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from campaigns.models import Message
from campaigns.operations.sending import send_until_dry
from campaigns.queries.tokens import UNSUBSCRIBE, unsubscribe_url, why_url
from campaigns.queries.why import Ground, Seen, Use, why
from common.enums import Role
from common.mail_catcher import part
from common.models import AuditEntry
from consent.enums import Act, Channel
from consent.models import ConsentEvent, Permission, Purpose
from consent.operations.wishes import wish
from consent.queries.wishes import wishes_of
from customers.enums import Category
from customers.operations.erasing import erase
from tests.factories import (
    NOW,
    allow,
    make_choice,
    make_customer,
    make_launched,
    make_order,
    make_segment,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

RULE = {
    "all": [
        {"trait": "customers.city", "operator": "is", "value": "Recife"},
        {"trait": "customers.spend", "operator": "at_least", "value": "50.00"},
    ]
}
BROWSER = {"User-Agent": "Mozilla/5.0"}


@pytest.fixture
def browser():
    return Client(headers=BROWSER, enforce_csrf_checks=True)


def make_ana(**facts):
    facts = {"email": "ana@mail.example", "city": "Recife", "language": "en", **facts}
    ana = allow(make_customer(**facts), using=[Category.DEMOGRAPHIC, Category.PURCHASE])
    make_order(ana, total="90.00")
    return ana


def make_sent(ana=None, **facts):
    """Send a campaign by rule, and return its message to Ana."""
    ana = ana or make_ana()
    segment = facts.pop("segment", None) or make_segment(rule=RULE)
    campaign = make_launched(segment=segment, **facts)
    send_until_dry(clock=lambda: NOW)
    return Message.objects.select_related("campaign", "customer").get(
        campaign=campaign, customer=ana
    )


def page_of(message):
    return "/" + why_url(message.pk).split("/", 3)[3]


def read(browser, message, **facts):
    return browser.get(page_of(message), **facts).content.decode()


def test_every_message_leads_to_the_page(mailbox):
    message = make_sent()

    (mail,) = mailbox.messages()

    assert f'<a href="{why_url(message.pk)}">Why did I get this?</a>' in part(mail, "html")
    assert f"Why did I get this? ( {why_url(message.pk)} )" in part(mail, "plain")


def test_message_that_has_the_link_already_gets_no_second(mailbox):
    message = make_sent(template=make_template('<a href="{{ why_url }}">Por quê?</a>'))

    (mail,) = mailbox.messages()

    assert re.findall('/w/[^"\' ]+">([^<]+)<', part(mail, "html")) == ["Por quê?"]
    assert why_url(message.pk) in part(mail, "plain")


def test_why_says_what_the_message_rested_on_and_what_the_rule_sees(mailbox):
    message = make_sent()

    with translation.override("en"):
        said = why(message, at=NOW)

    assert said.purpose == Purpose.objects.get(pk="marketing")
    assert said.basis == "You allowed it, and may take that back at any time."
    (text,) = {event.notice_text for event in ConsentEvent.objects.all()}
    assert text
    assert said.grounds == [
        Ground(NOW, "Web form", ["E-mail", "About the person", "Purchases"], text.body)
    ]
    assert len(text.body) > 100
    assert said.rule == "City is Recife and spend is at least R$\u00a050.00"
    assert said.seen == [
        Seen("City is Recife", "Recife", fits=True, is_masked=False),
        Seen("Spend is at least R$\u00a050.00", "R$\u00a090.00", fits=True, is_masked=False),
    ]
    assert said.used == [Use(Category.DEMOGRAPHIC, 1), Use(Category.PURCHASE, 1)]
    assert said.unused == [
        category
        for category in Category
        if category not in (Category.DEMOGRAPHIC, Category.PURCHASE, Category.CONTACT)
    ]
    assert (said.by_hand, said.lately, said.once_a_month) == (False, 1, 1)


def test_why_tells_what_was_true_when_the_message_left(mailbox):
    ana = make_ana()
    message = make_sent(ana)
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL])
    later = NOW + timedelta(days=1)
    make_choice(ana, channels=[Channel.EMAIL], occurred_at=later, at=later)
    make_choice(ana, act=Act.WITHDRAWN, categories=[Category.PURCHASE])
    message.campaign.segment.rule = {"all": [RULE["all"][0]]}
    message.campaign.segment.save()

    with translation.override("en"):
        said = why(message, at=later)

    assert [ground.at for ground in said.grounds] == [NOW]
    assert said.rule == "City is Recife and spend is at least R$\u00a050.00"
    # What we may look at, on the other hand, is what we may look at today.
    assert said.seen[1] == Seen("Spend is at least R$\u00a050.00", "", fits=None, is_masked=False)


def test_why_still_has_the_words_of_a_rule_that_can_be_read_no_more(mailbox):
    message = make_sent()
    message.campaign.rule = {"all": [{"trait": "attribute.gone", "operator": "known"}]}

    with translation.override("pt-br"):
        said = why(message, at=NOW)

    assert (said.rule, said.seen) == ("Cidade é Recife e gasto é no mínimo R$\u00a050,00", [])


def test_why_of_somebody_added_by_hand_says_so(mailbox):
    ana = make_ana()

    assert why(make_sent(ana, segment=make_segment(ana)), at=NOW).by_hand


def test_page_takes_few_queries_and_no_permission_lets_it_show_what_is_sensitive(
    browser, mailbox, django_assert_max_num_queries
):
    message = make_sent()

    with django_assert_max_num_queries(12):
        html = read(browser, message)

    assert "a…@mail.example" in html
    assert "ana@mail.example" not in html
    assert "Souza" not in html


def test_page_speaks_the_language_of_the_customer_and_needs_no_script(browser, mailbox):
    message = make_sent(make_ana(language="pt-BR"))

    page = browser.get(page_of(message), headers={"Accept-Language": "en"})

    html = page.content.decode()
    assert "Por que recebi isto?" in html
    assert "Recife" in html
    assert not re.findall("<(script|input)", html)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert not page.cookies


def test_looking_changes_nothing(browser, mailbox):
    message = make_sent()
    before = ConsentEvent.objects.count()

    for ask in (browser.get, browser.head):
        assert ask(page_of(message)).status_code == 200

    assert ConsentEvent.objects.count() == before


def test_button_ends_the_channel_and_says_so(browser, mailbox):
    message = make_sent()

    answer = browser.post(page_of(message), {"act": "not_here"})

    assert "Done. Nothing comes by E-mail any more" in answer.content.decode()
    assert Permission.objects.get(customer=message.customer).channel_email is False


def test_button_ends_the_use_of_one_kind_of_data_once(browser, mailbox):
    message = make_sent()

    for _again in range(2):
        answer = browser.post(page_of(message), {"act": "without_purchase"})
        assert answer.status_code == 200

    permission = Permission.objects.get(customer=message.customer)
    assert (permission.data_purchase, permission.data_demographic) == (False, True)
    assert ConsentEvent.objects.filter(act=Act.WITHDRAWN).count() == 1
    assert permission.channel_email is True


def test_button_asks_for_less_and_keeps_what_was_wished_before(browser, mailbox):
    message = make_sent()

    answer = browser.post(page_of(message), {"act": "less"})

    assert "One such message a month at most." in answer.content.decode()
    assert wishes_of(message.customer).at_most_every_days == 30
    wish(message.customer, at_most_every_days=90, at=NOW)
    browser.post(page_of(message), {"act": "less"})
    assert wishes_of(message.customer).at_most_every_days == 90


@pytest.mark.parametrize("act", ["", "without_browsing", "anything"])
def test_button_that_the_page_does_not_have_does_nothing(browser, mailbox, act):
    message = make_sent()
    before = ConsentEvent.objects.count()

    assert browser.post(page_of(message), {"act": act}).status_code == 404

    assert ConsentEvent.objects.count() == before


def test_message_that_belongs_to_a_contract_offers_no_way_out(browser, mailbox):
    ana = make_customer(language="en")
    segment = make_segment(ana, purpose=Purpose.objects.get(pk="transactional"))

    html = read(browser, make_sent(ana, segment=segment))

    assert "It belongs to what you ordered or signed up for." in html
    assert "<form" not in html


def test_unknown_link_says_the_same_whatever_is_wrong(browser, mailbox):
    message = make_sent()
    foreign = UNSUBSCRIBE.sign(str(message.pk))
    pages = [browser.get(f"/w/{token}") for token in ("x", "1:forged", foreign)]

    assert {page.status_code for page in pages} == {200}
    assert len({page.content for page in pages}) == 1
    assert browser.post(f"/w/{foreign}").status_code == 404


def test_page_of_somebody_erased_is_an_unknown_link(browser, mailbox):
    message = make_sent()
    erase(message.customer, by=make_user(), reason="asked", at=NOW)

    assert browser.get(page_of(message)).content == browser.get("/w/x").content


def test_staff_see_it_as_the_customer_does_and_that_is_recorded(client, mailbox):
    message = make_sent()
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    page = reverse("admin:campaigns_message_why", args=[message.pk])

    assert (
        page
        in client.get(
            reverse("admin:campaigns_message_change", args=[message.pk])
        ).content.decode()
    )
    html = client.get(page).content.decode()

    assert "Recife" in html
    assert "<form" not in html
    entry = AuditEntry.objects.get(action="messages.seen_as_customer")
    assert entry.subject_id == message.customer.pk


def test_unsubscribe_page_leads_to_the_page(browser, mailbox):
    message = make_sent()
    way_out = "/" + unsubscribe_url(message.pk).split("/", 3)[3]

    assert why_url(message.pk) in browser.get(way_out).content.decode()
