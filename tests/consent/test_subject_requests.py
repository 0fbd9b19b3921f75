"""What people ask about their data, from the question to the answer, in the time the law gives."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from common.enums import Role, Scope
from common.models import AuditEntry
from consent.enums import Act, ClockColour, RequestDoor, RequestKind, RequestStage
from consent.models import ConsentEvent, Restriction, SubjectRequest
from consent.operations.request_mail import remind_officers, tell_answers
from consent.operations.subject_requests import (
    AnsweredAlready,
    AnswerMissing,
    IdentityNotKnown,
    NothingProposed,
    WrongValue,
    ask,
    ask_for_identity,
    confirm_identity,
    correct,
    finish,
    let_stand_still,
    object_to_profiling,
    refuse,
)
from consent.queries.subject_requests import answer_to, proposals, requests_of, words_of
from consent.rules.subject_requests import reminder
from customers.models import Customer
from customers.operations.erasing import erase
from customers.operations.merges import merge
from tests.api import api_client
from tests.factories import NOW, make_customer, make_user
from tests.found import the

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def asked(customer=None, kind=RequestKind.ACCESS, **facts):
    facts = {"door": RequestDoor.PHONE, "at": NOW, **facts}
    return ask(customer or make_customer(), kind, **facts)


def now_of(request) -> SubjectRequest:
    return SubjectRequest.objects.get(pk=request.pk)


def test_an_answer_is_due_fifteen_days_after_the_question():
    request = asked(words="What do you know about me?")

    assert request.due_at == NOW + 15 * DAY
    assert request.stage == RequestStage.RECEIVED
    assert (request.days_left(at=NOW), request.colour(at=NOW)) == (15, ClockColour.GREEN)
    assert request.colour(at=NOW + 10 * DAY) == ClockColour.AMBER
    assert request.colour(at=NOW + 16 * DAY) == ClockColour.RED
    assert words_of(request) == "What do you know about me?"
    assert b"know about me" not in bytes(the(now_of(request).words_sealed))


def test_the_clock_stands_while_the_identity_is_checked():
    officer, request = make_user(), asked(identity_is_known=False)

    assert request.colour(at=NOW + 20 * DAY) == ClockColour.STOPPED
    request = confirm_identity(request, by=officer, at=NOW + 4 * DAY)

    assert request.due_at == NOW + 19 * DAY
    assert (request.stage, request.handled_by) == (RequestStage.IN_WORK, officer)
    again = ask_for_identity(request, by=officer, at=NOW + 5 * DAY)
    assert confirm_identity(again, by=officer, at=NOW + 6 * DAY).due_at == NOW + 20 * DAY


def test_nothing_is_done_for_whom_nobody_knows():
    request = asked(identity_is_known=False)

    with pytest.raises(IdentityNotKnown):
        finish(request, answer="Here it is", by=make_user(), at=NOW)

    refused = refuse(request, because="Nobody answered our call", by=make_user(), at=NOW)
    assert (refused.stage, answer_to(refused)) == ("refused", "Nobody answered our call")


def test_asking_again_while_it_is_open_is_the_same_request():
    ana = make_customer()
    first = asked(ana)

    assert asked(ana) == first
    finish(first, answer="Sent", by=make_user(), at=NOW)
    assert asked(ana) != first


def test_an_answer_says_something_and_is_given_once():
    request, officer = asked(), make_user()
    with pytest.raises(AnswerMissing):
        finish(request, answer=" ", by=officer, at=NOW)

    finish(request, answer="Sent", by=officer, at=NOW)

    with pytest.raises(AnsweredAlready):
        refuse(request, because="No", by=officer, at=NOW)


def test_a_correction_waits_for_approval_and_takes_over_what_is_ticked():
    ana = make_customer(first_name="Anna", city="Rio", birth_date=None)
    told = {"first_name": "Ana", "birth_date": "31/12/1980", "phone": "(11) 98765-4321"}
    request = asked(ana, RequestKind.RECTIFICATION, proposed=told)
    assert [(it.name, it.now, it.proposed) for it in proposals(request)] == [
        ("first_name", "Anna", "Ana"),
        ("phone", "", "+5511987654321"),
        ("birth_date", None, "1980-12-31"),
    ]
    assert Customer.objects.get().first_name == "Anna"

    officer = make_user()
    correct(request, fields=["first_name", "birth_date"], answer="Done", by=officer, at=NOW)

    ana = Customer.objects.get()
    assert (ana.first_name, ana.birth_date, ana.phone) == ("Ana", date(1980, 12, 31), "")
    entry = AuditEntry.objects.get(action="requests.corrected")
    assert (entry.subject_id, entry.fields) == (ana.pk, ["birth_date", "first_name"])


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"tax_id": "111.111.111-11"}, "tax_id"),
        ({"birth_date": "tomorrow"}, "birth_date"),
        ({"country": "Brazil"}, "country"),
        ({"city": "x" * 101}, "city"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(told, field):
    with pytest.raises(WrongValue) as refused:
        asked(kind=RequestKind.RECTIFICATION, proposed=told)

    assert refused.value.field == field


@pytest.mark.parametrize("told", [{}, {"city": " "}, {"stage": "customer"}])
def test_a_correction_says_what_is_right(told):
    with pytest.raises(NothingProposed):
        asked(kind=RequestKind.RECTIFICATION, proposed=told)


def test_an_objection_ends_profiling_from_the_day_it_was_made():
    ana = make_customer()
    request = asked(ana, RequestKind.OBJECTION)

    object_to_profiling(request, answer="Done", by=make_user(), at=NOW + DAY)

    events = ConsentEvent.objects.filter(customer=ana, purpose="profiling")
    assert {(event.act, event.occurred_at) for event in events} == {(Act.OBJECTED, NOW)}
    assert ana.permissions.get(purpose="profiling").data_purchase is False


def test_a_restriction_lets_the_data_stand_still():
    ana = make_customer()

    let_stand_still(
        asked(ana, RequestKind.RESTRICTION), answer="Done", by=make_user(), at=NOW + DAY
    )

    assert Restriction.objects.standing(at=NOW + DAY).filter(customer=ana).exists()
    assert now_of(SubjectRequest.objects.get()).stage == RequestStage.DONE


def test_an_erasure_answers_whatever_was_asked_and_nobody_reads_it_again():
    ana = make_customer()
    request = asked(ana, RequestKind.ERASURE, words="I am Ana of the blue house")

    erase(ana, by=None, reason="Asked", at=NOW)

    request = now_of(request)
    assert (request.stage, request.closed_at) == (RequestStage.DONE, NOW)
    assert words_of(request) is None


def test_requests_of_both_records_are_the_merged_persons():
    ana, twin = make_customer(), make_customer()
    mine, hers = asked(ana), asked(twin, words="hers")

    merge(ana, twin, by=None, at=NOW)

    assert set(requests_of(ana)) == {mine, hers}
    assert words_of(now_of(hers)) == "hers"


@pytest.mark.parametrize(
    ("left", "reminded", "due"),
    [
        (6, None, None),
        (5, None, 5),
        (4, 5, None),
        (1, 5, 2),
        (1, None, 2),
        (0, 2, 0),
        (-3, 0, None),
    ],
)
def test_reminders_are_due_on_day_ten_thirteen_and_fifteen_once_each(left, reminded, due):
    assert reminder(left, reminded_at=reminded) == due


@pytest.fixture
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return mail.outbox


def test_privacy_officers_are_reminded_without_a_name(outbox):
    make_user(role=Role.PRIVACY_OFFICER, email="paula@shop.example")
    make_user(role=Role.MARKETING, email="max@shop.example")
    request = asked(make_customer(first_name="Zuleica"))

    assert remind_officers(at=NOW + 9 * DAY) == 0
    assert remind_officers(at=NOW + 10 * DAY) == 1
    assert remind_officers(at=NOW + 11 * DAY) == 0

    [sent] = outbox
    page = reverse("admin:consent_subjectrequest_change", args=[request.pk])
    assert sent.to == ["paula@shop.example"]
    assert "5 days left" in sent.body
    assert page in sent.body
    assert "Zuleica" not in sent.subject + sent.body


def test_who_asked_is_sent_the_answer_in_their_language_once(outbox):
    ana = make_customer(first_name="Ana", email="ana@mail.example", language="pt")
    refuse(asked(ana), because="Já enviado ontem", by=make_user(), at=NOW)

    assert (tell_answers(at=NOW), tell_answers(at=NOW)) == (1, 0)

    [sent] = outbox
    assert sent.to == ["ana@mail.example"]
    assert "Olá, Ana," in sent.body
    assert "Já enviado ontem" in sent.body
    assert "ANPD" in sent.body


def test_the_list_begins_with_what_is_most_urgent(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    later, sooner, done = asked(at=NOW), asked(at=NOW - DAY), asked(at=NOW - 2 * DAY)
    finish(done, answer="Sent", by=make_user(), at=NOW)

    answer = client.get(reverse("admin:consent_subjectrequest_changelist"))

    assert list(answer.context["cl"].result_list) == [sooner, later, done]


def act(client, request, act, **facts):
    page = reverse("admin:consent_subjectrequest_change", args=[request.pk])
    return client.post(page, {"act": act, **facts}, follow=True)


def test_the_page_leads_through_a_correction(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    ana = make_customer(first_name="Anna")
    request = asked(
        ana, RequestKind.RECTIFICATION, proposed={"first_name": "Ana"}, identity_is_known=False
    )

    asks = client.get(reverse("admin:consent_subjectrequest_change", args=[request.pk]))
    assert "It is this person" in asks.content.decode()
    act(client, request, "confirm_identity")
    refused = act(client, request, "correct", answer="", fields_to_correct="first_name")
    assert "Say what the person is answered." in refused.content.decode()
    assert Customer.objects.get().first_name == "Anna"
    act(client, request, "correct", answer="Corrected", fields_to_correct="first_name")

    assert Customer.objects.get().first_name == "Ana"
    assert now_of(request).stage == RequestStage.DONE


def test_an_agent_takes_down_what_somebody_asks_by_phone(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    ana = make_customer()

    page = reverse("admin:consent_ask", args=[ana.pk])
    wrong = client.post(
        page, {"kind": "rectification", "door": "phone", "proposed_email": "nobody"}
    )
    client.post(page, {"kind": "erasure", "door": "phone", "words": "Forget me"})

    assert "This is not an e-mail address." in wrong.content.decode()
    request = SubjectRequest.objects.get()
    assert (request.kind, request.stage, words_of(request)) == (
        "erasure",
        RequestStage.IDENTITY,
        "Forget me",
    )


def test_a_program_asks_for_somebody_and_again_without_harm():
    client = api_client(Scope.WRITE_CONSENT)
    make_customer(external_id="ana")
    told = {"customer": "ana", "kind": "access", "identity_is_known": True, "reference": "r1"}

    first = client.post("/api/v1/subject-requests", told)
    again = client.post("/api/v1/subject-requests", told)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["kind"], first.json()["stage"]) == ("access", "received")


def test_a_program_learns_which_proposed_value_cannot_be():
    make_customer(external_id="ana")
    told = {"customer": "ana", "kind": "rectification", "reference": "r1"}

    answer = api_client(Scope.WRITE_CONSENT).post(
        "/api/v1/subject-requests", {**told, "proposed": {"email": "nobody"}}
    )

    assert answer.status_code == 422
    assert "email" in str(answer.json())
