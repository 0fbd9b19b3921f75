"""From a ready row to a message that arrived, against a real SMTP server."""

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller

from campaigns.enums import CampaignState, MessageState, SkipReason
from campaigns.models import Message
from campaigns.operations import sending
from campaigns.operations.claiming import claim
from campaigns.operations.planning import TooLateForThat, go_on, send_again, stop
from campaigns.operations.sending import message_id, recover, send_some, send_until_dry
from campaigns.queries.vouchers import code_of
from common.embedded.sockets import free_port
from common.mail_catcher import part
from common.mail_transport import MailTransport
from consent.enums import Act, Channel
from consent.models import Purpose, Suppression
from customers.enums import Category
from customers.models import Event
from tests.factories import (
    NOW,
    allow,
    make_choice,
    make_customer,
    make_launched,
    make_offer,
    make_segment,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

SMTP = "django.core.mail.backends.smtp.EmailBackend"
LATER = NOW + timedelta(minutes=11)


def send(*, at=NOW, limit=50):
    with MailTransport() as transport:
        return send_some(transport, at=at, limit=limit)


def launched_to(count, **facts):
    return make_launched(*(allow(make_customer()) for _ in range(count)), **facts)


def states(campaign):
    return Counter(campaign.messages.values_list("state", flat=True))


class Moods:
    """An SMTP server's answers, by the first letter of the address."""

    def __init__(self):
        self.taken = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        match address[0]:
            case "u":
                return f"550 5.1.1 <{address}>: no such user"
            case "p":
                return "554 5.7.1 We do not like you"
            case "b":
                return "451 4.7.1 Come back later"
            case "x":
                server.transport.close()
                return "250 never heard"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken.append(envelope.rcpt_tos[0])
        if envelope.rcpt_tos[0].startswith("d"):
            server.transport.close()
        return "250 Kept"


@contextmanager
def moody_server(settings):
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    moods = Moods()
    controller = Controller(moods, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    try:
        yield moods
    finally:
        controller.stop()


def test_message_arrives_with_everything_it_promised(mailbox, settings):
    settings.PUBLIC_URL, settings.SHOP_NAME = "https://crm.example", "Mercado"
    settings.DEFAULT_FROM_EMAIL = "Mercado São João <loja@mercado.example>"
    ana = allow(make_customer(first_name="Ana & Zé", language="pt-BR", email="ana@mail.example"))
    template = make_template(
        "{{ customer.first_name }}: {{ voucher.code }} até {{ voucher.valid_until }} "
        '<a href="https://shop.example/">Ver</a>',
        subject="Olá, {{ customer.first_name }}",
    )
    campaign = make_launched(ana, template=template, offer=make_offer())

    assert send() == 1

    message = campaign.messages.get()
    (mail,) = mailbox.messages()
    assert (mail["From"], mail["To"]) == (
        "Mercado São João <loja@mercado.example>",
        "ana@mail.example",
    )
    assert mail["Subject"] == "Olá, Ana & Zé"
    assert message.voucher
    code = code_of(message.voucher)
    assert f"Ana & Zé: {code} até 1 de abril de 2026" in part(mail, "plain").replace(
        "Abril", "abril"
    )
    html = part(mail, "html")
    assert "Ana &amp; Zé" in html
    assert "https://crm.example/c/" in html
    assert "https://shop.example/" not in html
    way_out = mail["List-Unsubscribe"].removeprefix("<").removesuffix(">")
    assert way_out.startswith("https://crm.example/u/")
    assert f'href="{way_out}"' in html
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Message-ID"] == message_id(message)
    assert message.state == MessageState.SENT
    event = Event.objects.get(kind="campaigns.message_sent")
    assert (event.customer, event.occurred_at) == (ana, NOW)


def test_campaign_finishes_when_nothing_is_left(mailbox):
    campaign = launched_to(3)

    taken = send_until_dry(clock=lambda: NOW, limit=2)

    campaign.refresh_from_db()
    assert (taken, campaign.state, campaign.finished_at) == (3, CampaignState.FINISHED, NOW)
    assert states(campaign) == {MessageState.SENT: 3}
    assert len(mailbox.names()) == 3


def test_campaigns_take_turns(mailbox):
    big, small = launched_to(4), launched_to(1)

    send(limit=2)

    assert states(big) == {MessageState.SENT: 2, MessageState.READY: 2}
    assert states(small) == {MessageState.SENT: 1}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"act": Act.WITHDRAWN, "channels": [Channel.EMAIL]}, SkipReason.CHANNEL_REFUSED),
        ({"act": Act.WITHDRAWN, "categories": [Category.PURCHASE]}, SkipReason.DATA_REFUSED),
    ],
)
def test_withdrawal_after_the_launch_is_felt(mailbox, change, reason):
    ana, bia = allow(make_customer()), allow(make_customer())
    campaign = make_launched(ana, bia)
    make_choice(ana, **change)

    send_until_dry(clock=lambda: NOW)

    skipped = campaign.messages.get(customer=ana)
    assert (skipped.state, skipped.skip_reason) == (MessageState.SKIPPED, reason)
    assert [mail["To"] for mail in mailbox.messages()] == [bia.email]


def test_message_keeps_the_consent_event_on_which_it_went_out(mailbox):
    ana = allow(make_customer())
    campaign = make_launched(ana)
    latest = make_choice(ana, channels=[Channel.SMS])[-1]

    send(at=LATER)
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL])

    message = campaign.messages.get()
    assert (message.decided_at, message.allowed_at) == (NOW, LATER)
    assert message.permission_event == latest.pk


def test_message_about_a_contract_rests_on_no_choice(mailbox):
    segment = make_segment(make_customer(), purpose=Purpose.objects.get(pk="transactional"))
    campaign = make_launched(segment=segment)

    send()

    message = campaign.messages.get()
    assert (message.allowed_at, message.permission_event) == (NOW, None)


def test_message_with_a_hole_in_it_is_not_sent(mailbox):
    nameless, ana = allow(make_customer(first_name="")), allow(make_customer())
    campaign = make_launched(nameless, ana, template=make_template("{{ customer.first_name }}"))

    send()

    skipped = campaign.messages.get(customer=nameless)
    assert (skipped.state, skipped.skip_reason) == (MessageState.SKIPPED, SkipReason.MISSING_DATA)
    assert campaign.messages.get(customer=ana).state == MessageState.SENT


def test_address_that_does_not_exist_fails_and_is_blocked(settings):
    unknown, ana = allow(make_customer(email="unknown@mail.example")), allow(make_customer())
    campaign = make_launched(unknown, ana)

    with moody_server(settings):
        send()

    failed = campaign.messages.get(customer=unknown)
    assert (failed.state, failed.error) == (MessageState.FAILED, "550 5.1.1 <…>: no such user")
    assert Suppression.objects.get().reason == "hard_bounce"


def test_refusal_that_is_not_about_the_address_blocks_nobody(settings):
    campaign = make_launched(allow(make_customer(email="policy@mail.example")))

    with moody_server(settings):
        send()

    assert states(campaign) == {MessageState.FAILED: 1}
    assert not Suppression.objects.exists()


def test_busy_server_is_asked_again_later_and_not_for_ever(settings):
    campaign = make_launched(allow(make_customer(email="busy@mail.example")))
    tries = 0

    with moody_server(settings):
        at = NOW
        while states(campaign) != {MessageState.FAILED: 1}:
            tries += send(at=at)
            assert send(at=at) == 0
            at += timedelta(hours=1)
            recover(at=at)

    assert tries == campaign.messages.get().attempts == sending.MOST_ATTEMPTS


def test_connection_lost_before_the_message_makes_it_ready_again(settings):
    first = allow(make_customer(email="xavier@mail.example"))
    campaign = make_launched(first, allow(make_customer()))

    with moody_server(settings) as server:
        assert send() == 0

    assert server.taken == []
    assert states(campaign) == {MessageState.READY: 2}
    assert set(campaign.messages.values_list("attempts", flat=True)) == {0}


def test_connection_lost_after_the_message_makes_it_uncertain_and_the_next_goes_on(settings):
    doubtful = allow(make_customer(email="dora@mail.example"))
    campaign = make_launched(doubtful, allow(make_customer(email="ana@mail.example")))

    with moody_server(settings) as server:
        send_until_dry(clock=lambda: NOW)

    assert server.taken == ["dora@mail.example", "ana@mail.example"]
    assert campaign.messages.get(customer=doubtful).state == MessageState.UNCERTAIN
    assert states(campaign) == {MessageState.UNCERTAIN: 1, MessageState.SENT: 1}


def test_nothing_is_lost_while_nobody_carries_mail(settings):
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    campaign = launched_to(2)

    assert send() == 0

    assert states(campaign) == {MessageState.READY: 2}


def test_dead_worker_leaves_what_it_had_not_begun_ready_and_the_rest_uncertain(mailbox):
    campaign = launched_to(3)
    first, *_others = claim(campaign, at=NOW, limit=2).leased
    sending.hand_over(first)

    recover(at=NOW + timedelta(minutes=9))
    assert states(campaign)[MessageState.UNCERTAIN] == 0
    recover(at=LATER)

    assert states(campaign) == {MessageState.UNCERTAIN: 1, MessageState.READY: 2}
    send_until_dry(clock=lambda: LATER)
    assert states(campaign) == {MessageState.UNCERTAIN: 1, MessageState.SENT: 2}
    assert len(mailbox.names()) == 2


def test_worker_that_lost_its_lease_sends_nothing(mailbox):
    campaign = launched_to(1)
    slow = claim(campaign, at=NOW, limit=1).leased[0]
    recover(at=LATER)
    claim(campaign, at=LATER, limit=1)

    assert not sending.hand_over(slow)

    assert Message.objects.get().state == MessageState.LEASED


def test_slow_worker_that_was_called_uncertain_tells_what_it_knows(mailbox):
    campaign = launched_to(1)
    message = claim(campaign, at=NOW, limit=1).leased[0]
    sending.hand_over(message)
    recover(at=LATER)
    assert states(campaign) == {MessageState.UNCERTAIN: 1}

    sending.record_sent(message, at=LATER)

    assert states(campaign) == {MessageState.SENT: 1}


def test_uncertain_message_is_sent_again_only_by_hand(mailbox):
    campaign = launched_to(1)
    message = claim(campaign, at=NOW, limit=1).leased[0]
    sending.hand_over(message)
    recover(at=LATER)
    send_until_dry(clock=lambda: LATER)
    campaign.refresh_from_db()
    assert (campaign.state, mailbox.names()) == (CampaignState.FINISHED, [])

    send_again(message, by=make_user(), at=LATER)
    send_until_dry(clock=lambda: LATER)

    assert states(campaign) == {MessageState.SENT: 1}
    assert len(mailbox.names()) == 1
    with pytest.raises(TooLateForThat):
        send_again(message, by=make_user(), at=LATER)
    # Whoever held it before has nothing more to say.
    sending.record_sent(message, at=LATER)
    assert Event.objects.filter(kind="campaigns.message_sent").count() == 1


def test_stop_takes_effect_between_two_messages(mailbox):
    campaign = launched_to(3)
    claimed = claim(campaign, at=NOW, limit=3)
    assert sending.hand_over(claimed.leased[0])

    stop(campaign, by=make_user(), at=NOW)

    assert not sending.hand_over(claimed.leased[1])
    assert send() == 0
    recover(at=LATER)
    go_on(campaign, by=make_user(), at=LATER)
    send_until_dry(clock=lambda: LATER)
    assert states(campaign) == {MessageState.UNCERTAIN: 1, MessageState.SENT: 2}


def test_two_workers_never_take_the_same_message(mailbox):
    campaign = launched_to(4)

    first = claim(campaign, at=NOW, limit=3)
    second = claim(campaign, at=NOW, limit=3)

    assert [len(first.leased), len(second.leased)] == [3, 1]


def test_same_person_and_campaign_give_the_same_message_id(mailbox):
    one, other = launched_to(1), launched_to(1)

    ids = [message_id(campaign.messages.get()) for campaign in (one, one, other)]

    assert ids[0] == ids[1] != ids[2]
