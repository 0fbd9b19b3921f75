"""What a mail service tells after it took a message, as Mailgun posts and signs it."""

import hmac
import json
from base64 import b64encode

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.enums import CampaignState, FeedbackKind, MessageState
from campaigns.models import Feedback, Message
from campaigns.operations.planning import go_on
from campaigns.operations.sending import send_until_dry
from campaigns.queries.report import steps
from campaigns.queries.results import waterfall
from campaigns.queries.tokens import UNSUBSCRIBE, message_told_of, proof_of
from common.models import AuditEntry
from consent.enums import Act, ActorKind, Channel, SuppressionReason, SuppressionSource
from consent.models import ConsentEvent, Purpose, Suppression
from customers.models import Customer, Event
from customers.operations.profile import contact_hash
from tests.factories import NOW, allow, make_customer, make_launched, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/anymail/mailgun/tracking/"
SIGN_IN = "mailgun:secret-of-a-test"
SIGNING_KEY = "key-of-a-test"
ANA = "ana@mail.example"


@pytest.fixture(autouse=True)
def mail_service(settings):
    settings.ANYMAIL_WEBHOOK_SECRET = SIGN_IN
    settings.MAIL_SERVICE = "mailgun"
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}


def make_sent(*, email=ANA, **facts):
    message = make_launched(allow(make_customer(email=email)), **facts).messages.get()
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENT, sent_at=NOW)
    return message


def bounced(message, **facts):
    """Return what Mailgun tells of an address that does not exist."""
    return {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "timestamp": NOW.timestamp(),
        "recipient": ANA,
        "delivery-status": {
            "code": 550,
            "message": "5.1.1 The email account that you tried to reach does not exist.",
            "description": "",
        },
        "message": {"headers": {"to": ANA, "message-id": "20260302@mail.example"}},
        "user-variables": {"proof": proof_of(message.pk)},
        **facts,
    }


def complained(message, **facts):
    return bounced(message) | {"event": "complained", "severity": None, "reason": None} | facts


def signed(told, *, word="t-1", key=SIGNING_KEY):
    timestamp = "1772452800"
    signature = hmac.digest(key.encode(), f"{timestamp}{word}".encode(), "sha256").hex()
    told = {name: value for name, value in told.items() if value is not None}
    return {
        "signature": {"timestamp": timestamp, "token": word, "signature": signature},
        "event-data": told,
    }


def post(body, *, sign_in=SIGN_IN, address=ADDRESS):
    """Post as Mailgun does, over HTTPS ended by a proxy, and without cookies."""
    return Client(enforce_csrf_checks=True).post(
        address,
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Basic {b64encode(sign_in.encode()).decode()}"},
    )


def blocked():
    return [
        (row.reason, row.source, bytes(row.contact_hash) == contact_hash(ANA), row.purpose)
        for row in Suppression.objects.all()
    ]


def timeline():
    events = Event.objects.filter(kind__in=["campaigns.bounced", "campaigns.complained"])
    return [(event.kind, event.customer, event.data) for event in events]


def told_about(message):
    return {
        "campaign": message.campaign_id,
        "campaign_name": message.campaign.name,
        "message": message.pk,
    }


def test_hard_bounce_blocks_the_address_and_nobody_is_asked():
    message = make_sent()

    answer = post(signed(bounced(message)))

    assert answer.status_code == 200
    assert blocked() == [(SuppressionReason.HARD_BOUNCE, SuppressionSource.PROVIDER, True, None)]
    assert timeline() == [("campaigns.bounced", message.customer, told_about(message))]
    # It was the address, not a choice.
    assert not ConsentEvent.objects.exclude(act=Act.GIVEN).exists()
    assert Feedback.objects.get().happened_at == NOW


def test_what_is_told_twice_happens_once():
    message = make_sent()

    for word in ("t-1", "t-1", "t-2"):
        assert post(signed(bounced(message), word=word)).status_code == 200

    assert Feedback.objects.count() == 2
    assert len(timeline()) == len(blocked()) == 1
    assert waterfall(message.campaign).bounced == 1


def test_complaint_takes_everything_back_on_email_and_blocks_the_address():
    message = make_sent()

    post(signed(complained(message)))

    customer = message.customer
    assert blocked() == [(SuppressionReason.COMPLAINT, SuppressionSource.PROVIDER, True, None)]
    assert timeline() == [("campaigns.complained", customer, told_about(message))]
    said = ConsentEvent.objects.filter(actor_kind=ActorKind.PROVIDER)
    assert {(event.purpose_id, event.channel, event.act) for event in said} == {
        (purpose.pk, "email", Act.WITHDRAWN if purpose.needs_opt_in else Act.OBJECTED)
        for purpose in Purpose.objects.exclude(pk="transactional")
    }


def test_unsubscribing_with_the_mail_service_is_our_unsubscribe():
    message = make_sent()

    post(signed(complained(message, event="unsubscribed")))

    message.refresh_from_db()
    withdrawn = ConsentEvent.objects.get(act=Act.WITHDRAWN)
    assert (withdrawn.channel, withdrawn.purpose_id) == ("email", "marketing")
    assert message.unsubscribed_at is not None
    assert blocked() == timeline() == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("5.2.2 The mailbox is full", FeedbackKind.NOT_DELIVERED),
        ("5.7.1 Message is considered spam", FeedbackKind.UNWANTED),
    ],
)
def test_what_is_not_the_addresss_fault_is_counted_and_blocks_nothing(answer, kind):
    message = make_sent()

    post(signed(bounced(message, **{"delivery-status": {"code": 552, "message": answer}})))

    assert Feedback.objects.get().kind == kind
    assert blocked() == []
    assert len(timeline()) == 1


def test_delay_changes_nothing():
    message = make_sent()

    assert post(signed(bounced(message, severity="temporary"))).status_code == 200

    assert not Feedback.objects.exists()


def test_bounce_of_a_former_address_blocks_neither():
    message = make_sent()
    Customer.objects.filter(pk=message.customer_id).update(email="new@mail.example")

    post(signed(bounced(message)))

    assert blocked() == []
    assert len(timeline()) == 1


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"proof": "1"},
        {"proof": "1:forged"},
        {"proof": UNSUBSCRIBE.sign("1")},
        {"proof": proof_of(999_999)},
        {"message": "1"},
    ],
)
def test_word_on_no_message_of_ours_is_answered_like_any_other(forged):
    """Who knows the secret but has no proof learns nothing, and stops nobody's mail."""
    message = make_sent()

    known = post(signed(bounced(message), word="t-1"))
    unknown = post(signed(complained(message, **{"user-variables": forged}), word="t-2"))

    assert (unknown.status_code, unknown.content) == (known.status_code, known.content)
    assert [feedback.kind for feedback in Feedback.objects.all()] == [FeedbackKind.DEAD_ADDRESS]


@pytest.mark.parametrize(
    "forgery",
    [
        lambda told: post(signed(told), sign_in="mailgun:guessed"),
        lambda told: post(signed(told, key="guessed")),
        lambda told: post({"event-data": told}),
        lambda told: Client().post(ADDRESS, json.dumps(told), content_type="application/json"),
    ],
)
def test_forged_word_is_refused(forgery):
    message = make_sent()

    assert forgery(bounced(message)).status_code == 400

    assert not Feedback.objects.exists()


@pytest.mark.parametrize("facts", [{"ANYMAIL_WEBHOOK_SECRET": ""}, {"MAIL_SERVICE": "postmark"}])
def test_nobody_is_heard_without_a_secret_or_from_another_service(settings, facts):
    message = make_sent()
    for name, value in facts.items():
        setattr(settings, name, value)

    assert post(signed(bounced(message))).status_code == 404

    assert not Feedback.objects.exists()


def test_mail_service_may_not_be_redirected(settings):
    settings.SECURE_SSL_REDIRECT = True

    assert post(signed(bounced(make_sent()))).status_code == 200


def test_nothing_follows_for_whoever_was_erased():
    message = make_sent()
    Customer.objects.filter(pk=message.customer_id).update(erased_at=NOW)

    assert post(signed(complained(message))).status_code == 200

    assert not Feedback.objects.exists()


def test_service_is_given_the_proof_with_each_message(settings, mailoutbox):
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    message = make_launched(allow(make_customer(email=ANA))).messages.get()

    send_until_dry(clock=lambda: NOW)

    (mail,) = mailoutbox
    assert message_told_of(mail.anymail_test_params["metadata"]["proof"]) == message


def make_many_sent(campaign, count):
    """Add so many messages that were sent, each to somebody of their own."""
    people = Customer.objects.bulk_create(Customer(registered_at=NOW) for _number in range(count))
    Message.objects.bulk_create(
        Message(
            campaign=campaign,
            customer=person,
            channel=Channel.EMAIL,
            outcome="will_send",
            state=MessageState.SENT,
            decided_at=NOW,
        )
        for person in people
    )


def test_campaign_that_annoys_too_many_stops_itself_and_says_why(client):
    message = make_sent()
    campaign = message.campaign
    make_many_sent(campaign, 998)

    post(signed(complained(message), word="t-1"))

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.SENDING

    make_many_sent(campaign, 1)
    post(signed(complained(message), word="t-2"))

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.STOPPED
    assert AuditEntry.objects.get(action="campaigns.stopped").actor is None
    client.force_login(make_user(is_superuser=True))
    page = client.get(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    assert "1 of 1,000 people who got it called it spam" in page.content.decode()


def test_campaign_that_somebody_let_go_on_stops_at_the_next_complaint():
    message = make_sent()
    campaign = message.campaign
    make_many_sent(campaign, 999)
    post(signed(complained(message), word="t-1"))

    go_on(campaign, by=make_user(), at=NOW)
    other = campaign.messages.exclude(pk=message.pk).latest("pk")
    post(signed(complained(other), word="t-2"))

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.STOPPED


def test_result_counts_what_came_back_and_who_complained():
    message = make_sent()
    campaign = message.campaign
    make_many_sent(campaign, 2)
    other = campaign.messages.exclude(pk=message.pk).latest("pk")

    post(signed(bounced(message), word="t-1"))
    post(signed(complained(other), word="t-2"))

    counted = waterfall(campaign)
    assert (counted.sent, counted.bounced, counted.complained) == (3, 1, 1)
    assert counted.delivered == 2
    assert counted.adds_up
    told = {str(step.label): step.people for step in steps(counted)}
    assert (told["Bounced"], told["Complained"]) == (1, 1)
