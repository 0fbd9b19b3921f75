from datetime import timedelta

import pytest
from django.utils.timezone import now

from common.enums import Scope
from common.models import AuditEntry
from consent.enums import Act, Channel, SuppressionReason
from consent.models import ConsentEvent, Permission, Purpose
from consent.operations.suppressions import suppress
from customers.enums import Category
from customers.models import Customer
from customers.operations.sealing import unseal_for
from tests.api import api_client
from tests.factories import NOW, make_choice, make_customer, make_notice_version
from tests.found import the

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(db) -> Customer:
    return make_customer(external_id="ana", email="ana@mail.example")


def choose(client=None, **facts):
    told = {
        "customer": "ana",
        "purpose": "marketing",
        "act": "given",
        "channels": ["email", "sms"],
        "categories": ["purchase"],
        "collection_point": "web_form",
        "occurred_at": "2026-03-01T10:00:00-03:00",
        "reference": "form-1",
    }
    client = client or api_client(Scope.WRITE_CONSENT)
    return client.post("/api/v1/consents", {**told, **facts})


def test_choice_is_recorded_for_each_channel_and_kind_of_data(ana):
    answer = choose()

    permission = Permission.objects.get()
    assert answer.status_code == 201
    assert [(event["channel"], event["category"]) for event in answer.json()] == [
        ("email", ""),
        ("sms", ""),
        ("", "purchase"),
    ]
    assert {event["act"] for event in answer.json()} == {"given"}
    assert {event["basis"] for event in answer.json()} == {"consent"}
    assert (permission.channel_email, permission.channel_sms) == (True, True)
    assert (permission.data_purchase, permission.channel_push) == (True, None)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id) == ("consent.recorded", ana.pk)


def test_choice_told_again_changes_nothing(ana):
    client = api_client(Scope.WRITE_CONSENT)
    choose(client)

    again = choose(client)

    assert again.status_code == 200
    assert len(again.json()) == ConsentEvent.objects.count() == 3


@pytest.mark.parametrize(
    "facts",
    [
        {"act": "withdrawn"},
        {"act": "withdrawn", "channels": ["email"]},
        {"purpose": "research"},
        {"channels": ["email", "push"]},
    ],
)
def test_reference_of_another_choice_is_refused_and_not_taken_for_a_repeat(ana, facts):
    client = api_client(Scope.WRITE_CONSENT)
    choose(client)

    answer = choose(client, **facts)

    assert answer.status_code == 409
    assert answer.json()["code"] == "reference_reused"
    assert answer.json()["field"] == "reference"


def test_reference_that_begins_like_another_is_its_own(ana):
    client = api_client(Scope.WRITE_CONSENT)
    choose(client, reference="form-1:email")

    answer = choose(client, reference="form-1", act="withdrawn")

    assert answer.status_code == 201
    assert Permission.objects.get().channel_email is False


def test_reference_belongs_to_the_program_that_sends_it(ana):
    choose(api_client(Scope.WRITE_CONSENT))

    answer = choose(api_client(Scope.WRITE_CONSENT), act="withdrawn")

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"customer": "nobody"}, "customer", "unknown"),
        ({"purpose": "world_domination"}, "purpose", "unknown"),
        ({"purpose": "a\0"}, "purpose", "null_characters_not_allowed"),
        ({"act": "imported_unproven"}, "act", "invalid_choice"),
        ({"channels": ["pigeon"]}, "channels.0", "invalid_choice"),
        ({"channels": [], "categories": []}, "channels", "nothing_chosen"),
        ({"collection_point": "moon"}, "collection_point", "unknown"),
        ({"reference": ""}, "reference", "blank"),
        (
            {"occurred_at": (now() + timedelta(days=1)).isoformat()},
            "occurred_at",
            "chosen_in_the_future",
        ),
    ],
)
def test_wrong_choice_is_refused_by_field(ana, facts, field, code):
    answer = choose(**facts)

    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["code"]) == (field, code)
    assert not ConsentEvent.objects.exists()


def test_same_channel_named_twice_is_one_choice(ana):
    answer = choose(channels=["email", "email"], categories=[])

    assert answer.status_code == 201
    assert len(answer.json()) == 1


def permissions(**headers):
    answer = api_client(Scope.READ_CUSTOMERS, **headers).get("/api/v1/customers/ana/permissions")
    return {row["purpose"]: row for row in answer.json()}


def test_permissions_say_what_may_be_used_and_why_not(ana):
    make_choice(ana, channels=[Channel.EMAIL], categories=[Category.PURCHASE])
    make_choice(ana, channels=[Channel.PUSH], categories=[Category.SEARCH], act=Act.REFUSED)

    marketing = permissions()["marketing"]

    assert marketing["basis"] == "consent"
    assert marketing["channels"]["email"] == {
        "allowed": True,
        "verdict": "allowed",
        "reason": "Allowed",
    }
    verdicts = {name: judged["verdict"] for name, judged in marketing["channels"].items()}
    assert verdicts == {
        "email": "allowed",
        "sms": "no_address",
        "whatsapp": "no_address",
        "push": "channel_refused",
        "post": "no_address",
    }
    data = {name: judged["verdict"] for name, judged in marketing["categories"].items()}
    assert data.pop("purchase") == "allowed"
    assert data.pop("search") == "data_refused"
    assert set(data.values()) == {"data_not_asked"}


def test_permissions_of_a_purpose_without_opt_in_stand_until_refused(ana):
    make_choice(ana, purpose="transactional", categories=[Category.PURCHASE], act=Act.OBJECTED)

    transactional = permissions()["transactional"]

    assert transactional["channels"]["email"]["allowed"]
    assert transactional["categories"]["contact"]["allowed"]
    assert transactional["categories"]["purchase"]["verdict"] == "data_refused"


def test_permissions_know_blocked_addresses(ana):
    make_choice(ana, channels=[Channel.EMAIL])
    suppress(ana.email, channel=Channel.EMAIL, reason=SuppressionReason.STOP, at=NOW)

    assert permissions()["marketing"]["channels"]["email"]["verdict"] == "suppressed"


def test_permissions_cover_every_purpose_in_as_many_queries(ana, django_assert_num_queries):
    purposes = Purpose.objects.count()
    client = api_client(Scope.READ_CUSTOMERS)

    # Key, its last use, throttle, customer, audit entry, purposes; one for each purpose.
    with django_assert_num_queries(6 + purposes):
        answer = client.get("/api/v1/customers/ana/permissions")

    assert len(answer.json()) == purposes


def test_reading_permissions_is_audited(ana):
    permissions()

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id, entry.fields) == (
        "customers.viewed",
        ana.pk,
        ["permissions"],
    )


def test_a_permission_says_on_which_words_it_rests_and_when_it_ends(ana):
    (told,) = choose(channels=["email"], categories=[]).json()

    assert (told["notice"], told["notice_version"], told["language"]) == ("standard", 1, "pt-br")
    assert (told["actor"], told["valid_until"]) == ("subject", "2028-02-29T10:00:00-03:00")


def test_a_program_names_the_words_that_it_showed(ana):
    words = {"notice": "standard", "notice_version": 1, "language": "en"}

    told = choose(**words).json()

    assert {event["language"] for event in told} == {"en"}


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"notice": "standard"}, "notice_version", "required"),
        (
            {"notice": "standard", "notice_version": 9, "language": "en"},
            "notice_version",
            "unknown",
        ),
        ({"notice": "nothing"}, "notice", "unknown"),
        ({"actor": "staff"}, "evidence", "evidence_missing"),
        ({"purpose": "third_party_sharing"}, "collection_point", "no_text_shown"),
    ],
)
def test_a_permission_that_nobody_could_prove_is_refused_by_field(ana, facts, field, code):
    answer = choose(**facts)

    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["code"]) == (field, code)
    assert not ConsentEvent.objects.exists()


def test_what_staff_heard_comes_with_evidence(ana):
    choose(actor="staff", evidence="Recording 123", channels=["email"], categories=[])

    event = ConsentEvent.objects.get()
    assert event.actor_kind == "staff"
    assert unseal_for(ana, bytes(the(event.evidence_sealed))) == "Recording 123"


def test_programs_learn_the_purposes_and_the_words_in_force(django_assert_num_queries):
    make_notice_version(body="New words.", published_at=now())
    client = api_client(Scope.WRITE_CONSENT)

    purposes = {row["code"]: row for row in client.get("/api/v1/purposes").json()}
    # Key; versions, purposes, texts, points.
    with django_assert_num_queries(5):
        (notice,) = client.get("/api/v1/notices").json()

    assert purposes["marketing"]["valid_days"] == 730
    assert purposes["marketing"]["explanation_pt"].startswith("Para enviar ofertas")
    assert (notice["code"], notice["version"]) == ("standard", 2)
    assert notice["purposes"] == ["marketing"]
    assert "till" in notice["collection_points"]
    assert {text["language"]: text["body"] for text in notice["texts"]} == {
        "en": "New words.",
        "pt-br": "New words.",
    }
