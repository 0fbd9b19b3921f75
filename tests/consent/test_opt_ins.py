"""Double opt-in: nobody is subscribed by somebody else (invariants I5, I8 and I9)."""

from datetime import timedelta

import pytest
from django.core import mail

from common.enums import Language
from common.keys import unseal
from consent.enums import Act, Channel, OptInState, SuppressionReason
from consent.models import ConsentEvent, PendingOptIn, Permission, Suppression
from consent.operations.choices import NotConfirmed, record_choice
from consent.operations.limits import TooOften
from consent.operations.opt_in_confirmations import (
    AddressBlocked,
    OptInTooLate,
    WithdrawnSince,
    confirm,
)
from consent.operations.opt_in_messages import send_opt_ins
from consent.operations.opt_ins import NotOffered, forget, pending_of
from consent.operations.suppressions import suppress
from customers.enums import Category, Stage
from customers.models import Customer
from tests.consent.opt_ins import ADDRESS, link_in_mail, sign_up
from tests.factories import NOW, make_choice, make_customer
from tests.found import the

pytestmark = pytest.mark.django_db

A_MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_nothing_stands_before_the_confirmation():
    pending = sign_up()

    assert not ConsentEvent.objects.exists()
    assert not Customer.objects.exists()
    assert ADDRESS in unseal(bytes(the(pending.sealed)))
    assert pending.valid_until == NOW + timedelta(hours=48)


def test_confirmed_the_person_is_a_prospect_with_this_permission_and_no_other():
    sign_up(categories=(Category.PURCHASE,))
    token = link_in_mail()

    confirm(the(pending_of(token)), at=NOW + AN_HOUR)

    ana = Customer.objects.get()
    permission = Permission.objects.get(customer=ana)
    assert (ana.email, ana.stage, ana.language) == (ADDRESS, Stage.PROSPECT, "en")
    assert (permission.channel_email, permission.channel_sms) == (True, None)
    assert (permission.data_purchase, permission.data_browsing) == (True, None)
    event = ConsentEvent.objects.get(channel="email")
    assert (event.act, event.occurred_at) == (Act.GIVEN, NOW + AN_HOUR)
    assert (event.collection_point_id, the(event.notice_text).language) == ("sign_up", "en")
    assert PendingOptIn.objects.get().sealed is None


def test_whoever_is_known_by_the_address_is_the_one():
    ana = make_customer(email=ADDRESS)
    sign_up()

    confirm(the(pending_of(link_in_mail())), at=NOW)

    assert [event.customer for event in ConsentEvent.objects.all()] == [ana]


def test_of_several_with_the_address_it_is_whom_the_program_named():
    make_customer(email=ADDRESS)
    younger = make_customer(email=ADDRESS)
    sign_up(customer=younger)

    confirm(the(pending_of(link_in_mail())), at=NOW)

    assert [event.customer for event in ConsentEvent.objects.all()] == [younger]


def test_confirming_again_changes_nothing():
    sign_up()
    token = link_in_mail()
    confirm(the(pending_of(token)), at=NOW)

    confirm(the(pending_of(token)), at=NOW + A_DAY)

    assert ConsentEvent.objects.count() == 1


def test_after_48_hours_it_is_too_late():
    sign_up()
    token = link_in_mail()

    with pytest.raises(OptInTooLate):
        confirm(the(pending_of(token)), at=NOW + timedelta(hours=48))

    assert not ConsentEvent.objects.exists()


def test_a_no_that_came_after_the_request_stands():
    ana = make_customer(email=ADDRESS)
    sign_up()
    token = link_in_mail()
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL], at=NOW + A_MINUTE)

    with pytest.raises(WithdrawnSince):
        confirm(the(pending_of(token)), at=NOW + AN_HOUR)

    assert Permission.objects.get().channel_email is False


def test_a_no_of_before_is_outdone_by_a_confirmed_yes():
    ana = make_customer(email=ADDRESS)
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL], at=NOW)
    sign_up(at=NOW + A_MINUTE)

    confirm(the(pending_of(link_in_mail(at=NOW + A_MINUTE))), at=NOW + AN_HOUR)

    assert Permission.objects.get().channel_email is True


@pytest.mark.parametrize("reason", [SuppressionReason.STOP, SuppressionReason.HARD_BOUNCE])
def test_a_confirmed_yes_lifts_what_the_person_asked_for(reason):
    suppress(ADDRESS, channel=Channel.EMAIL, reason=reason, at=NOW)
    sign_up(at=NOW + A_MINUTE)

    confirm(the(pending_of(link_in_mail(at=NOW + A_MINUTE))), at=NOW + AN_HOUR)

    assert Suppression.objects.get().lifted_at == NOW + AN_HOUR


@pytest.mark.parametrize(
    "reason",
    [
        SuppressionReason.COMPLAINT,
        SuppressionReason.ERASED,
        SuppressionReason.DO_NOT_CALL,
        SuppressionReason.MANUAL,
    ],
)
def test_whoever_is_blocked_for_another_reason_is_sent_nothing(reason):
    suppress(ADDRESS, channel=Channel.EMAIL, reason=reason, at=NOW)
    sign_up()

    assert send_opt_ins(at=NOW) == 0

    pending = PendingOptIn.objects.get()
    assert (pending.state, pending.sealed) == (OptInState.NOT_SENT, None)


def test_blocked_between_the_mail_and_the_button_nothing_is_lifted():
    sign_up()
    token = link_in_mail()
    suppress(ADDRESS, channel=Channel.EMAIL, reason=SuppressionReason.COMPLAINT, at=NOW + A_MINUTE)

    with pytest.raises(AddressBlocked):
        confirm(the(pending_of(token)), at=NOW + AN_HOUR)

    assert Suppression.objects.get().lifted_at is None


def test_the_mail_asks_and_advertises_nothing(mailbox):
    pending = sign_up(categories=(Category.PURCHASE,))

    assert send_opt_ins(at=NOW) == 1

    (letter,) = mailbox.messages()
    text = letter.get_content()
    assert letter["To"] == ADDRESS
    assert letter["Subject"] == "Please confirm: e-mails from Clientela"
    assert letter["Message-ID"] == f"<opt-in-{pending.pk}-question@clientela.example>"
    assert letter.get_content_type() == "text/plain"
    assert "for this purpose: Marketing." in text
    assert "They also allowed the use of: Purchases." in text
    assert text.count("http") == 1


def test_the_mail_speaks_portuguese_to_those_who_do():
    sign_up(language=Language.PORTUGUESE)

    send_opt_ins(at=NOW)

    assert mail.outbox[0].subject == "Confirme, por favor: e-mails de Clientela"
    assert "Se não foi você, não faça nada." in mail.outbox[0].body


def test_whoever_does_not_answer_is_reminded_once():
    sign_up()
    sent = [send_opt_ins(at=NOW + hours * AN_HOUR) for hours in (0, 1, 23, 24, 25, 47, 49)]

    assert sent == [1, 0, 0, 1, 0, 0, 0]
    assert "this is our only reminder" in mail.outbox[1].body
    assert link_in_mail() in str(mail.outbox[0].body)


def test_whoever_confirmed_is_not_reminded():
    sign_up()
    confirm(the(pending_of(link_in_mail())), at=NOW)

    assert send_opt_ins(at=NOW + A_DAY) == 0


def test_the_same_address_is_asked_once_in_ten_minutes_and_three_times_a_day():
    moments = [0, 5, 10, 20, 30, 24 * 60 + 1]

    states = [sign_up(at=NOW + minutes * A_MINUTE).state for minutes in moments]

    asked, over = OptInState.TO_SEND, OptInState.OVER_LIMIT
    assert states == [asked, over, asked, asked, over, asked]


def test_from_one_network_no_more_than_twenty_come_in_an_hour():
    for number in range(20):
        sign_up(f"person{number}@mail.example", network="203.0.113.9")

    with pytest.raises(TooOften):
        sign_up("one.more@mail.example", network="203.0.113.9")

    sign_up("one.more@mail.example", network="203.0.113.10")
    sign_up("one.more.later@mail.example", network="203.0.113.9", at=NOW + AN_HOUR)


def test_addresses_are_forgotten_after_48_hours_and_rows_after_a_week():
    sign_up()

    assert forget(at=NOW + timedelta(hours=48)) == 0
    assert PendingOptIn.objects.get().sealed is None
    assert forget(at=NOW + timedelta(days=7)) == 1


def test_a_point_that_asks_to_confirm_takes_no_plain_yes():
    with pytest.raises(NotConfirmed) as refused:
        record_choice(
            make_customer(),
            purpose=sign_up().purpose,
            act=Act.GIVEN,
            channels=[Channel.EMAIL],
            collection_point="sign_up",
            occurred_at=NOW,
            reference="form-1",
            at=NOW,
        )

    assert refused.value.field == "collection_point"
    assert not ConsentEvent.objects.exists()


def test_a_phone_is_not_offered_without_a_way_to_confirm():
    with pytest.raises(NotOffered, match="can neither send a code by SMS nor be written to"):
        sign_up("+5511987654321", channel=Channel.SMS)
