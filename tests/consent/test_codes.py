"""A yes by phone is confirmed with six digits, sent through a server of the shop's."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils.timezone import now

from common.enums import Scope
from common.keys import unseal
from consent.enums import Channel, OptInState
from consent.models import ConsentEvent, PendingOptIn
from consent.operations.opt_in_confirmations import (
    OptInTooLate,
    WriteToConfirm,
    WrongCode,
    confirm,
)
from consent.operations.opt_in_messages import send_opt_ins
from customers.models import Customer
from tests.api import api_client
from tests.consent.opt_ins import sign_up
from tests.factories import NOW
from tests.found import the
from tests.receivers import Receiver, answer, receiver

pytestmark = pytest.mark.django_db

PHONE = "+5511987654321"


@pytest.fixture
def gateway(settings) -> Iterator[Receiver]:
    """What the shop's server for short texts is given."""
    with receiver() as there:
        settings.WEBHOOK_ALLOW_HTTP = True
        settings.WEBHOOK_INNER_NETWORKS = ["127.0.0.0/8"]
        settings.WEBHOOK_PORTS = [there.port]
        settings.TEXT_GATEWAYS = {"sms": there.url}
        yield there


def code_sent(gateway: Receiver) -> str:
    found = re.search(r"\d{6}", gateway.taken[-1].said["text"])
    assert found
    return found[0]


def test_the_code_is_sent_to_the_phone_and_typed_into_the_page(gateway):
    pending = sign_up(PHONE, channel=Channel.SMS)

    send_opt_ins(at=NOW)
    confirm(pending, at=NOW + timedelta(minutes=9), code=f" {code_sent(gateway)} ")

    sent = gateway.taken[0].said
    assert (sent["channel"], sent["to"]) == ("sms", PHONE)
    assert sent["text"].startswith("Clientela: your code is ")
    assert "http" not in sent["text"]
    assert Customer.objects.get().phone == PHONE
    assert ConsentEvent.objects.get().channel == "sms"


def test_after_ten_minutes_the_code_is_none(gateway):
    pending = sign_up(PHONE, channel=Channel.SMS)
    send_opt_ins(at=NOW)

    with pytest.raises(OptInTooLate):
        confirm(pending, at=NOW + timedelta(minutes=10), code=code_sent(gateway))


def test_five_wrong_codes_are_all_there_are(gateway):
    pending = sign_up(PHONE, channel=Channel.SMS)
    send_opt_ins(at=NOW)
    right = code_sent(gateway)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"

    for _ in range(5):
        with pytest.raises(WrongCode):
            confirm(pending, at=NOW, code=wrong)
    with pytest.raises(OptInTooLate):
        confirm(pending, at=NOW, code=right)

    assert not ConsentEvent.objects.exists()


def test_a_server_that_is_away_is_asked_again_and_one_that_refuses_is_not(gateway):
    first = sign_up(PHONE, channel=Channel.SMS)
    gateway.behave = answer(503)
    away = send_opt_ins(at=NOW)
    gateway.behave = answer(204)
    back = send_opt_ins(at=NOW + timedelta(minutes=3))
    second = sign_up("+5511912345678", channel=Channel.SMS)
    gateway.behave = answer(400)
    refused = send_opt_ins(at=NOW)

    for pending in (first, second):
        pending.refresh_from_db()
    assert (away, back, refused) == (0, 1, 0)
    assert (first.state, second.state) == (OptInState.SENT, OptInState.NOT_SENT)
    assert {request.headers["idempotency-key"] for request in gateway.taken[:2]} == {
        f"opt-in-{first.pk}"
    }


def test_nobody_is_reminded_of_a_code(gateway):
    sign_up(PHONE, channel=Channel.SMS)

    assert [send_opt_ins(at=NOW + timedelta(days=days)) for days in (0, 1)] == [1, 0]


def test_without_a_server_the_page_says_to_write_and_takes_no_button(client, settings):
    settings.TEXT_NUMBERS = {"whatsapp": "+55 11 4000-0000"}
    told = {"phone": "11 98765-4321", "channels": ["whatsapp"]}

    offered = client.get("/join").content.decode()
    steps = client.post("/join", told).content.decode()
    address = the(re.search(r'href="(/o/[^"]+)"', steps))[1]
    page = client.get(address).content.decode()
    pressed = client.post(address)

    assert "WhatsApp" in offered
    assert "SMS" not in offered
    assert "Write YES to +55 11 4000-0000 from your phone, by WhatsApp." in page
    assert "<button" not in page
    assert pressed.status_code == WriteToConfirm.status
    assert not ConsentEvent.objects.exists()


def test_the_page_takes_the_code_with_the_text_in_sight(client, gateway):
    client.post("/join", {"phone": "11 98765-4321", "channels": ["sms"]})
    send_opt_ins(at=now())
    sealed = unseal(bytes(the(PendingOptIn.objects.get().sealed)))
    token = the(re.search(r'"token": "([^"]+)"', sealed))[1]

    page = client.get(f"/o/{token}").content.decode()
    wrong = client.post(f"/o/{token}", {"code": "12"})
    right = client.post(f"/o/{token}", {"code": code_sent(gateway)})

    assert "We use your data to deliver your orders" in page
    assert (wrong.status_code, right.status_code) == (422, 200)
    assert "This is not the code." in wrong.content.decode()
    assert "Confirmed, thank you" in right.content.decode()


def test_a_program_is_told_where_its_customer_types_the_code(gateway, settings):
    settings.PUBLIC_URL = "https://shop.example"
    told = {"channel": "sms", "phone": "11 98765-4321"}
    told |= {"purpose": "marketing", "collection_point": "sign_up"}

    answered = api_client(Scope.WRITE_CONSENT).post("/api/v1/opt-ins", told)

    assert answered.status_code == 202
    assert answered.json()["confirm_at"].startswith("https://shop.example/o/")
