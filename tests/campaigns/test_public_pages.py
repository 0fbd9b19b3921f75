"""The links in messages, as people, mailbox providers and scanners open them."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from campaigns.models import Click
from campaigns.queries.tokens import CLICK, UNSUBSCRIBE, click_url, unsubscribe_url, why_url
from consent.enums import Act, Channel, PointKind
from consent.models import ConsentEvent, Permission
from consent.operations.choices import project
from customers.enums import Category
from customers.models import Event
from tests.factories import NOW, allow, make_choice, make_customer, make_launched, make_template

pytestmark = pytest.mark.django_db

PERSON = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
ONE_CLICK = b"List-Unsubscribe=One-Click"


@pytest.fixture
def browser():
    return Client(headers={"User-Agent": PERSON})


@pytest.fixture
def provider():
    """A mailbox provider: no cookies, no referrer, and it would fail a CSRF check."""
    return Client(enforce_csrf_checks=True)


def make_message(**facts):
    customer = allow(make_customer(**{"email": "ana@mail.example", **facts}))
    template = make_template('<a href="https://shop.example/?a=1&amp;b=2">Ver</a>')
    return make_launched(customer, template=template).messages.get()


def path_of(url):
    return "/" + url.split("/", 3)[3]


def way_out(message):
    return path_of(unsubscribe_url(message.pk))


def link_path(message):
    return path_of(click_url(message.pk, message.campaign.links.get().pk))


def withdrawals():
    return ConsentEvent.objects.filter(act=Act.WITHDRAWN)


def test_opening_the_link_changes_nothing(browser):
    message = make_message()

    for method in (browser.get, browser.head):
        response = method(way_out(message))
        assert response.status_code == 200

    assert not withdrawals().exists()


def test_page_asks_with_two_buttons_in_the_customers_language(browser):
    message = make_message(language="pt-BR")

    page = browser.get(way_out(message), headers={"Accept-Language": "en"})

    html = page.content.decode()
    assert '<html lang="pt-br">' in html
    assert page.headers["Content-Language"] == "pt-br"
    # A WSGI server takes no subclass of str.
    assert {type(value) for value in page.headers.values()} == {str}
    assert re.findall("<(form|button|script|input)", html) == ["form", "button", "button"]
    assert "a…@mail.example" in html
    assert "ana@mail.example" not in html
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart"])
def test_one_click_post_unsubscribes_as_rfc_8058_says(provider, content_type):
    message = make_message()

    if content_type == "multipart":
        response = provider.post(way_out(message), {"List-Unsubscribe": "One-Click"})
    else:
        response = provider.post(way_out(message), data=ONE_CLICK, content_type=content_type)

    assert response.status_code == 200
    assert not response.cookies
    event = withdrawals().get()
    assert (event.customer, event.purpose_id, event.channel) == (
        message.customer,
        "marketing",
        Channel.EMAIL,
    )
    assert event.collection_point_id == PointKind.UNSUBSCRIBE_LINK
    assert Permission.objects.get(customer=message.customer).channel_email is False
    message.refresh_from_db()
    assert message.unsubscribed_at == event.occurred_at


def test_unsubscribing_again_changes_nothing(provider):
    message = make_message()

    answers = [provider.post(way_out(message), data=ONE_CLICK, content_type="text/plain")] * 3

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    provider.post(way_out(message))
    assert withdrawals().count() == 1


def test_unsubscribing_touches_no_other_channel_and_no_data(provider):
    message = make_message()
    make_choice(message.customer, channels=[Channel.SMS])

    provider.post(way_out(message))

    permission = Permission.objects.get(customer=message.customer)
    assert (permission.channel_sms, permission.data_purchase) == (True, True)


def test_page_offers_to_leave_every_channel_at_once(browser):
    message = make_message()
    make_choice(message.customer, act=Act.REFUSED, channels=[Channel.POST])

    page = browser.post(way_out(message), {"from": "everything"})

    assert "any channel" in page.content.decode() or "nenhum canal" in page.content.decode()
    permission = Permission.objects.get(customer=message.customer)
    answers = {getattr(permission, f"channel_{channel.value}") for channel in Channel}
    assert (answers, permission.data_purchase) == ({False}, True)
    # What was refused before is not said again.
    assert withdrawals().count() == len(Channel) - 1
    browser.post(way_out(message), {"from": "everything"})
    assert withdrawals().count() == len(Channel) - 1


def test_same_link_withdraws_a_permission_that_was_given_again(provider):
    message = make_message()
    provider.post(way_out(message))
    again = withdrawals().get().occurred_at + timedelta(seconds=1)
    make_choice(message.customer, channels=[Channel.EMAIL], occurred_at=again, at=again)
    assert Permission.objects.get(customer=message.customer).channel_email is True

    provider.post(way_out(message))

    project([message.customer.pk], at=NOW)
    assert Permission.objects.get(customer=message.customer).channel_email is False


@pytest.mark.parametrize(
    "token", ["test", "1:forged", CLICK.sign("1")], ids=["no", "forged", "of another kind"]
)
def test_unknown_link_says_nothing_and_changes_nothing(browser, token):
    make_message()

    page = browser.get(f"/u/{token}")
    post = browser.post(f"/u/{token}")

    assert (page.status_code, post.status_code) == (200, 404)
    assert page.content == post.content
    assert not withdrawals().exists()


def test_unsubscribe_page_asks_for_no_other_method(provider):
    assert provider.put(way_out(make_message())).status_code == 405


def test_click_is_counted_and_leads_to_the_stored_address(browser):
    message = make_message()

    response = browser.get(link_path(message))

    assert (response.status_code, response["Location"]) == (302, "https://shop.example/?a=1&b=2")
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    assert Click.objects.get().message == message
    assert Event.objects.get(kind="campaigns.link_followed").customer == message.customer


def test_click_without_permission_for_browsing_data_has_no_name(browser):
    message = make_message()
    make_choice(message.customer, act=Act.WITHDRAWN, categories=[Category.BROWSING])

    browser.get(link_path(message))

    assert Click.objects.get().message is None
    assert not Event.objects.filter(kind="campaigns.link_followed").exists()


@pytest.mark.parametrize(
    ("method", "user_agent"),
    [("head", PERSON), ("get", "Barracuda scanner"), ("get", "")],
)
def test_programs_are_led_on_and_not_counted(method, user_agent):
    message = make_message()

    response = Client(headers={"User-Agent": user_agent}).generic(method, link_path(message))

    assert response.status_code == 302
    assert not Click.objects.exists()


def test_click_leads_nowhere_that_is_not_stored(browser):
    message, other = make_message(), make_message(email="bia@mail.example")
    foreign = CLICK.sign(f"{message.pk}-{other.campaign.links.get().pk}")

    for token in (foreign, "1-1:forged", UNSUBSCRIBE.sign(str(message.pk)), "https:evil.example"):
        assert browser.get(f"/c/{token}?url=https://evil.example").status_code == 404

    assert not Click.objects.exists()


def test_every_message_and_its_pages_lead_to_the_preference_centre(browser):
    message = make_message(language="en")

    assert "{{ preferences_url }}" in message.campaign.html
    for path in (way_out(message), path_of(why_url(message.pk))):
        html = browser.get(path).content.decode()
        address = re.search(r'href="[^"]*(/p/[^"]+)"', html)
        assert address is not None
        assert "Your choices" in browser.get(address[1]).content.decode()
