"""What people write back from their phones (knowledge of the field: FCC 2024, Anatel)."""

from datetime import timedelta

import pytest

from common.enums import Role, Scope
from common.keys import unseal
from common.models import AuditEntry
from consent.enums import Act, Channel, InboundState, Meaning, SuppressionReason
from consent.models import ConsentEvent, InboundMessage, Permission, Suppression
from consent.operations.inbound import ReadAlready, hear, settle, take_at_word
from customers.models import Customer
from tests.api import api_client
from tests.consent.opt_ins import sign_up
from tests.factories import NOW, allow, make_customer, make_user
from tests.found import the

pytestmark = pytest.mark.django_db

PHONE = "+5511987654321"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ana(db) -> Customer:
    return allow(make_customer(phone=PHONE, language="pt-br"), Channel.SMS, Channel.WHATSAPP)


def write(text: str, *, reference: str = "m-1", at=LATER, channel=Channel.SMS) -> InboundMessage:
    return hear(channel=channel, sender=PHONE, text=text, reference=reference, at=at)


def standing() -> list[tuple[str, str]]:
    return list(Suppression.objects.filter(lifted_at=None).values_list("channel", "reason"))


def test_a_word_stops_the_channel_at_once_and_no_other(ana):
    message = write("Sair!")

    permission = Permission.objects.get(customer=ana, purpose="marketing")
    assert (permission.channel_sms, permission.channel_whatsapp) == (False, True)
    assert standing() == [("sms", "stop")]
    assert message.reply == "Clientela: você não recebe mais mensagens por aqui."
    assert message.sealed is None


def test_whoever_shares_the_number_gets_nothing_either(ana):
    other = allow(make_customer(phone=PHONE), Channel.SMS)

    write("STOP")

    assert Permission.objects.get(customer=other, purpose="marketing").channel_sms is False


def test_a_stranger_who_writes_stop_is_not_written_to(db):
    message = write("STOP")

    assert (message.customer, standing()) == (None, [("sms", "stop")])


def test_stop_is_answered_once(ana):
    replies = [write("SAIR", reference=f"m-{number}").reply for number in range(3)]

    assert [bool(reply) for reply in replies] == [True, False, False]


def test_the_same_message_told_again_changes_nothing(ana):
    first, again = write("SAIR"), write("SAIR")

    assert first == again
    assert InboundMessage.objects.count() == 1


def test_a_sentence_waits_to_be_read_with_everything_held_back(ana):
    message = write("quero sair dessa lista")

    permission = Permission.objects.get(customer=ana, purpose="marketing")
    assert (message.state, message.reply) == (InboundState.WAITING, "")
    assert unseal(bytes(the(message.sealed))) == "quero sair dessa lista"
    assert standing() == [("sms", "stop")]
    assert permission.channel_sms is True


def test_read_as_stop_it_is_a_withdrawal_of_the_moment_it_was_written(ana):
    message, officer = write("quero sair dessa lista"), make_user()

    settle(message, is_stop=True, by=officer, at=LATER + timedelta(hours=1))

    message.refresh_from_db()
    event = ConsentEvent.objects.filter(act=Act.WITHDRAWN, purpose="marketing").get()
    assert (event.customer, event.actor, event.occurred_at) == (ana, officer, LATER)
    assert (message.state, message.sealed) == (InboundState.STOPPED, None)
    assert standing() == [("sms", "stop")]


def test_read_as_something_else_messages_go_on(ana):
    message = write("Quando chega o meu pedido?")

    settle(message, is_stop=False, by=make_user(), at=LATER)

    assert standing() == []
    assert Permission.objects.get(customer=ana, purpose="marketing").channel_sms is True


def test_of_two_sentences_both_are_read_before_messages_go_on(ana):
    first = write("Quando chega o meu pedido?", reference="m-1")
    second = write("chega logo?", reference="m-2")

    settle(first, is_stop=False, by=make_user(), at=LATER)
    held = standing()
    second.refresh_from_db()
    settle(second, is_stop=False, by=make_user(), at=LATER)

    assert (held, standing()) == ([("sms", "stop")], [])


def test_a_word_after_a_sentence_leaves_nothing_to_read(ana):
    message = write("quero sair dessa lista", reference="m-1")
    write("SAIR", reference="m-2")

    with pytest.raises(ReadAlready):
        settle(message, is_stop=False, by=make_user(), at=LATER)

    assert standing() == [("sms", "stop")]


def test_a_block_of_before_is_not_lifted_by_reading(ana):
    Suppression.objects.create(
        channel=Channel.SMS, contact_hash=ana.phone_hash, reason=SuppressionReason.COMPLAINT
    )
    message = write("Quando chega o meu pedido?")

    settle(message, is_stop=False, by=make_user(), at=LATER)

    assert standing() == [("sms", "complaint")]


def test_whom_nobody_read_in_three_days_is_taken_at_their_word(ana):
    message = write("quero sair dessa lista")

    early = take_at_word(at=LATER + timedelta(hours=71))
    late = take_at_word(at=LATER + timedelta(hours=72))

    message.refresh_from_db()
    assert (early, late) == (0, 1)
    assert (message.state, message.sealed) == (InboundState.STOPPED, None)
    assert Permission.objects.get(customer=ana, purpose="marketing").channel_sms is False


def test_help_is_answered_and_changes_nothing(ana):
    events = ConsentEvent.objects.count()

    message = write("AJUDA")

    assert message.reply == "Clientela: escreva SAIR para não receber mais mensagens por aqui."
    assert (ConsentEvent.objects.count(), standing()) == (events, [])


def test_yes_confirms_what_was_asked_for_on_the_page(db, settings):
    settings.TEXT_NUMBERS = {"sms": "+551140000000"}
    sign_up(PHONE, channel=Channel.SMS)

    message = write("SIM 👍")

    person = Customer.objects.get()
    assert person.phone == PHONE
    assert Permission.objects.get(customer=person).channel_sms is True
    assert message.reply.startswith("Clientela: confirmado.")


@pytest.mark.parametrize("channel", [Channel.WHATSAPP])
def test_yes_by_another_channel_confirms_nothing(db, settings, channel):
    settings.TEXT_NUMBERS = {"sms": "+551140000000"}
    sign_up(PHONE, channel=Channel.SMS)

    message = write("SIM", channel=channel)

    assert (message.reply, ConsentEvent.objects.count()) == ("", 0)


def test_yes_to_nothing_is_nothing(ana):
    events = ConsentEvent.objects.count()

    assert write("sim").reply == ""
    assert ConsentEvent.objects.count() == events


def test_a_provider_passes_messages_on(ana):
    client = api_client(Scope.WRITE_CONSENT)
    told = {"channel": "whatsapp", "sender": "11 98765-4321", "text": "Pare.", "reference": "7"}

    answers = [client.post("/api/v1/inbound-messages", told) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (
        answers[0].json()
        == answers[1].json()
        == {
            "meaning": Meaning.STOP,
            "reply": "Clientela: você não recebe mais mensagens por aqui.",
        }
    )
    assert standing() == [("whatsapp", "stop")]


def test_a_number_that_is_none_is_refused(db):
    told = {"channel": "sms", "sender": "123", "text": "SAIR", "reference": "7"}

    answer = api_client(Scope.WRITE_CONSENT).post("/api/v1/inbound-messages", told)

    assert answer.status_code == 422
    assert "sender" in str(answer.json())


def test_an_agent_reads_what_was_written_and_says_what_it_means(client, ana):
    message = write("Quando chega o meu pedido?")
    agent = make_user(role=Role.SUPPORT_AGENT)
    client.force_login(agent)

    page = client.get(f"/admin/consent/inboundmessage/{message.pk}/read/")
    client.post(f"/admin/consent/inboundmessage/{message.pk}/read/", {"other": ""})
    again = client.get(f"/admin/consent/inboundmessage/{message.pk}/read/")

    assert "Quando chega o meu pedido?" in page.content.decode()
    assert "Somebody has read this message already." in again.content.decode()
    assert standing() == []
    assert [
        (entry.action, entry.actor)
        for entry in AuditEntry.objects.filter(action__startswith="consent.inbound").order_by("id")
    ] == [("consent.inbound_read", agent), ("consent.inbound_settled", agent)]
