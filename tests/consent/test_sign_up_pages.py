"""The sign-up page and the page that confirms, as a browser without scripts meets them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.http import HttpResponse
from django.utils.timezone import now

from common.enums import Scope
from consent.enums import Channel, SuppressionReason
from consent.models import CollectionPoint, ConsentEvent, PendingOptIn
from consent.operations.suppressions import suppress
from consent.tasks import send_opt_ins
from customers.models import Customer
from tests.api import api_client
from tests.consent.opt_ins import ADDRESS, link_in_mail
from tests.factories import allow, make_customer
from tests.found import the

pytestmark = pytest.mark.django_db


def join(client, **facts):
    return client.post("/join", {"email": ADDRESS, "channels": ["email"], **facts})


def token_sent() -> str:
    return link_in_mail(at=now())


def test_the_page_shows_the_text_in_full_and_ticks_nothing(client):
    page = client.get("/join").content.decode()

    assert "We use your data to deliver your orders and to serve you." in page
    assert "Our staff, and the providers who send messages" in page
    assert "checked" not in page
    assert "SMS" not in page


def test_the_page_speaks_portuguese_to_those_who_do(client):
    page = client.get("/join", headers={"Accept-Language": "pt-BR"}).content.decode()

    assert "Usamos seus dados para entregar seus pedidos" in page


def test_signing_up_ends_with_a_permission_by_way_of_the_mail(client):
    answer = join(client, categories=["purchase"])
    page = client.get(f"/o/{token_sent()}")
    done = client.post(f"/o/{token_sent()}")

    assert "Look in your mail" in answer.content.decode()
    assert "Yes, I confirm" in page.content.decode()
    assert "Confirmed, thank you" in done.content.decode()
    assert sorted(ConsentEvent.objects.values_list("channel", "category", "act")) == [
        ("", "purchase", "given"),
        ("email", "", "given"),
    ]
    assert page["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["get", "head"])
def test_scanners_that_follow_the_link_confirm_nothing(client, method):
    join(client)
    address = f"/o/{token_sent()}"

    assert getattr(client, method)(address).status_code == 200

    assert not ConsentEvent.objects.exists()


def test_a_box_without_a_tick_is_no_yes(client):
    answer = client.post("/join", {"email": ADDRESS})

    assert answer.status_code == 422
    assert "Tick at least one box" in answer.content.decode()
    assert not PendingOptIn.objects.exists()


def test_what_is_wrong_stands_beside_its_field(client):
    nowhere = join(client, email="")
    nonsense = join(client, email="ana")

    assert "Where shall we write to?" in nowhere.content.decode()
    assert "Enter a valid email address." in nonsense.content.decode()


def test_programs_that_fill_in_everything_are_told_the_same_and_nothing_waits(client):
    answer = join(client, website="https://spam.example")

    assert answer.content == join(client).content
    assert PendingOptIn.objects.count() == 1


def test_the_answer_is_the_same_whoever_is_asked_about(client, django_assert_num_queries):
    allow(make_customer(email="known@mail.example"))
    suppress(
        "gone@mail.example", channel=Channel.EMAIL, reason=SuppressionReason.COMPLAINT, at=now()
    )
    addresses = ["new@mail.example", "known@mail.example", "gone@mail.example"]
    join(client, email="warm@mail.example")

    answers: list[HttpResponse] = []
    for address in [*addresses, "new@mail.example"]:
        # The last is over the limit, and takes one count less.
        with django_assert_num_queries(10 if len(answers) < 3 else 9):
            answers.append(join(client, email=address))

    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


def test_whoever_asks_too_often_from_one_place_waits(client):
    for number in range(20):
        join(client, email=f"person{number}@mail.example")

    answer = join(client)

    assert answer.status_code == 429
    assert "try again later" in answer.content.decode()


def test_a_closed_page_is_none(client):
    CollectionPoint.objects.filter(pk="sign_up").update(is_active=False)

    assert client.get("/join").status_code == 404


def test_an_unknown_link_leads_back_to_the_sign_up(client):
    answers = [client.get("/o/nonsense"), client.post("/o/nonsense")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert 'href="/join"' in answers[0].content.decode()


def test_a_link_that_is_over_says_so(client):
    join(client)
    token = token_sent()
    PendingOptIn.objects.update(valid_until=now() - timedelta(seconds=1))

    answer = client.post(f"/o/{token}")

    assert answer.status_code == 409
    assert "The time to confirm is over" in answer.content.decode()


def ask(**facts):
    told = {"email": ADDRESS, "purpose": "marketing", "collection_point": "sign_up"}
    return api_client(Scope.WRITE_CONSENT).post("/api/v1/opt-ins", {**told, **facts})


def test_a_program_asks_for_its_own_form_and_is_not_given_the_link():
    answer = ask(categories=["purchase"], language="pt-br", network_address="203.0.113.9")
    send_opt_ins()

    assert (answer.status_code, answer.json()) == (202, {"channel": "email", "confirm_at": ""})
    assert mail.outbox[0].to == [ADDRESS]
    assert not Customer.objects.exists()


def test_a_program_may_name_a_customer_instead_of_an_address():
    make_customer(external_id="ana", email=ADDRESS, language="en")

    answer = ask_for("ana")

    assert answer.status_code == 202
    assert the(PendingOptIn.objects.get().customer).external_id == "ana"


def ask_for(number):
    told = {"customer": number, "purpose": "marketing", "collection_point": "sign_up"}
    return api_client(Scope.WRITE_CONSENT).post("/api/v1/opt-ins", told)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"email": ""}, "email"),
        ({"customer": "ana"}, "email"),
        ({"channel": "post"}, "channel"),
        ({"collection_point": "web_form"}, "collection_point"),
        ({"collection_point": "nowhere"}, "collection_point"),
        ({"purpose": "nothing"}, "purpose"),
        ({"channel": "sms", "phone": "11987654321"}, "channel"),
    ],
)
def test_a_program_is_told_which_field_is_wrong(facts, field):
    make_customer(external_id="ana", email="ana@mail.example")

    answer = ask(**facts)

    assert answer.status_code in {409, 422}
    assert field in str(answer.json())
    assert not PendingOptIn.objects.exists()
