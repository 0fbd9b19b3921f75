from datetime import timedelta
from time import sleep

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from campaigns.enums import EmailProblem
from campaigns.models import Apology, Voucher
from campaigns.operations.apology_emails import LEASE, email_apologies
from campaigns.queries.vouchers import code_of
from consent.enums import Act, Channel, SuppressionReason
from consent.operations.suppressions import suppress
from tests.factories import NOW, make_apology, make_choice, make_customer
from tests.races import at_once


@pytest.mark.django_db
def test_apology_reaches_the_customer_with_the_code(mailbox):
    customer = make_customer(email="ana@mail.example", first_name="Ana", language="en")
    apology = make_apology(customer, amount="30.00")

    assert email_apologies(at=NOW) == 1

    [message] = mailbox.messages()
    text = message.get_content()
    assert message["To"] == "ana@mail.example"
    assert message["Subject"] == "We are sorry: R$\u00a030.00 for your next order"
    assert message["Message-ID"] == f"<apology-{apology.pk}@clientela.example>"
    assert text.startswith("Hello Ana,")
    assert code_of(Voucher.objects.get()) in text
    assert "Valid until May 31, 2026" in text


@pytest.mark.django_db
def test_apology_speaks_portuguese_to_those_who_do():
    make_apology(make_customer(language="pt-br"), amount="30.00")

    email_apologies(at=NOW)

    assert mail.outbox[0].subject == "Pedimos desculpas: R$\u00a030,00 no seu próximo pedido"
    assert "Válido até 31 de maio de 2026" in mail.outbox[0].body


@pytest.mark.django_db
def test_apology_is_sent_once():
    make_apology()

    assert [email_apologies(at=NOW), email_apologies(at=NOW + timedelta(days=1))] == [1, 0]

    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_apology_that_waits_for_approval_is_not_sent():
    make_apology(amount="5000.00")

    assert email_apologies(at=NOW) == 0


@pytest.mark.django_db
def test_apology_needs_no_marketing_consent():
    customer = make_customer()
    make_choice(customer, act=Act.REFUSED, channels=[Channel.EMAIL])
    make_apology(customer)

    assert email_apologies(at=NOW) == 1


@pytest.mark.django_db
def test_apology_to_a_blocked_address_is_not_sent_and_says_so():
    suppress(
        "gone@mail.example", channel=Channel.EMAIL, reason=SuppressionReason.HARD_BOUNCE, at=NOW
    )
    make_apology(make_customer(email="gone@mail.example"))

    assert email_apologies(at=NOW) == 0

    apology = Apology.objects.get()
    assert (apology.email_problem, apology.emailed_at) == (EmailProblem.SUPPRESSED, None)


@pytest.mark.django_db
def test_apology_without_an_address_says_so():
    make_apology(make_customer(email=""))

    email_apologies(at=NOW)

    assert Apology.objects.get().email_problem == EmailProblem.NO_ADDRESS


@pytest.mark.django_db
def test_apology_is_tried_again_when_the_mail_server_is_away(settings, mailbox):
    port = settings.EMAIL_PORT
    make_apology()
    settings.EMAIL_PORT = 1
    assert email_apologies(at=NOW) == 0

    settings.EMAIL_PORT = port

    assert email_apologies(at=NOW + timedelta(seconds=1)) == 0
    assert email_apologies(at=NOW + 2 * LEASE) == 1


@pytest.mark.django_db
def test_apology_is_given_up_after_a_day_without_a_mail_server(settings, mailbox):
    make_apology()
    settings.EMAIL_PORT = 1

    email_apologies(at=NOW + timedelta(days=1))

    assert Apology.objects.get().email_problem == EmailProblem.NOT_ACCEPTED


def test_workers_at_once_send_each_apology_once(real_db):
    for _ in range(10):
        make_apology()

    assert sum(at_once(*[lambda: email_apologies(at=NOW)] * 5)) == 10
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 10


class SlowBackend(EmailBackend):
    """Takes its time, while another worker looks for something to do."""

    def send_messages(self, messages):
        sent = super().send_messages(messages)
        sleep(0.2)
        if len(mail.outbox) == 2:
            email_apologies(at=NOW + timedelta(seconds=0.4))
        return sent


@pytest.mark.django_db
def test_apology_after_a_slow_one_is_sent_once_all_the_same(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.SlowBackend"
    monkeypatch.setattr("campaigns.operations.apology_emails.LEASE", timedelta(seconds=0.3))
    for _ in range(2):
        make_apology()

    email_apologies(at=NOW)

    assert len(mail.outbox) == 2
