from datetime import timedelta
from decimal import Decimal

import pytest

from common.enums import Role, Scope
from customers.enums import CartState, CaseStatus, ContactChannel, ProfileTab
from customers.models import Cart, Case, Event, SurveyAnswer
from customers.operations.carts import abandon, keep_cart
from customers.queries.pages import profile_url
from tests.api import api_client
from tests.factories import NOW, make_customer, make_order, make_product, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def told(address, client=None, **facts):
    client = client or api_client(Scope.WRITE_CUSTOMERS)
    return client.post(f"/api/v1/{address}", facts)


def a_cart(number="cart-1", customer=None, changed_at=NOW, total="80.00"):
    return keep_cart(
        customer or make_customer(),
        external_id=number,
        total=Decimal(total),
        item_count=2,
        changed_at=changed_at,
    )[0]


def tell_cart(customer, **facts):
    cart = {"external_id": "cart-1", "total": "80.00", "item_count": 2}
    return told("carts", **{**cart, "customer": customer, "changed_at": NOW.isoformat(), **facts})


def kinds():
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


# Carts


def test_a_cart_is_told_and_brought_up_to_date():
    make_customer(external_id="ana")
    later = (NOW + DAY).isoformat()

    first = tell_cart("ana")
    second = tell_cart("ana", total="95.90", changed_at=later)

    assert (first.status_code, second.status_code) == (201, 200)
    assert (second.json()["total"], second.json()["state"]) == ("95.90", "open")


def test_an_older_state_of_a_cart_comes_too_late():
    make_customer(external_id="ana")
    tell_cart("ana")

    late = tell_cart("ana", total="1.00", changed_at=(NOW - DAY).isoformat())

    assert late.json()["total"] == "80.00"


def test_the_timeline_tells_of_each_state_of_a_cart_once():
    ana = make_customer(external_id="ana")
    later = (NOW + DAY).isoformat()

    for _ in range(2):
        tell_cart("ana")
        tell_cart("ana", total="95.90", changed_at=later)
    for _ in range(2):
        make_order(ana, external_id="A-1", cart="cart-1")

    told = Event.objects.filter(kind__contains="cart").order_by("id")
    assert list(told.values_list("kind", "occurred_at", "data")) == [
        ("customers.cart_changed", NOW, {"cart": "cart-1", "total": "80.00", "items": 2}),
        ("customers.cart_changed", NOW + DAY, {"cart": "cart-1", "total": "95.90", "items": 2}),
        ("customers.cart_ordered", NOW, {"cart": "cart-1", "total": "95.90"}),
    ]


def test_a_cart_of_somebody_else_is_refused():
    a_cart()
    make_customer(external_id="bia")

    answer = tell_cart("bia")

    assert (answer.status_code, answer.json()["code"]) == (409, "cart_of_somebody_else")


def test_a_cart_left_alone_is_abandoned_once():
    a_cart("left", changed_at=NOW - 2 * DAY)
    a_cart("fresh")

    found = [abandon(after=DAY, at=NOW) for _ in range(2)]

    assert found == [1, 0]
    assert Cart.objects.get(external_id="left").state == CartState.ABANDONED
    assert Cart.objects.get(external_id="fresh").state == CartState.OPEN
    assert kinds().count("customers.cart_abandoned") == 1


def test_whoever_goes_on_with_an_abandoned_cart_opens_it_and_may_leave_it_again():
    ana = make_customer()
    a_cart(customer=ana, changed_at=NOW - 2 * DAY)
    abandon(after=DAY, at=NOW)

    cart = a_cart(customer=ana, changed_at=NOW)

    assert cart.state == CartState.OPEN
    assert abandon(after=DAY, at=NOW + 2 * DAY) == 1
    assert kinds().count("customers.cart_abandoned") == 2


def test_an_order_converts_its_cart_for_good():
    ana = make_customer(external_id="ana")
    a_cart(customer=ana)
    line = {"sku": make_product().sku, "quantity": "1", "total": "80.00"}

    told(
        "orders",
        external_id="order-1",
        customer="ana",
        ordered_at=NOW.isoformat(),
        cart="cart-1",
        lines=[line],
    )

    assert Cart.objects.get().state == CartState.CONVERTED
    assert tell_cart("ana").json()["code"] == "cart_converted"
    assert abandon(after=DAY, at=NOW + 2 * DAY) == 0


# Cases


def test_a_case_is_opened_once():
    client = api_client(Scope.WRITE_CUSTOMERS)
    make_customer(external_id="ana")
    facts = {"customer": "ana", "channel": "chat", "subject": "Broken", "reference": "chat-7"}

    answers = [told("cases", client, **facts) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["status"] == "open"
    assert Case.objects.get().subject == "Broken"
    assert kinds().count("customers.case_opened") == 1


# Surveys


def test_an_answer_is_kept_once_and_shown_on_the_profile(client):
    program = api_client(Scope.WRITE_CUSTOMERS)
    ana = make_customer(external_id="ana")
    facts = {"customer": "ana", "score": 9, "comment": "Bom café", "reference": "nps-1"}
    facts["answered_at"] = NOW.isoformat()

    answers = [told("surveys", program, **facts).status_code for _ in range(2)]

    assert answers == [201, 200]
    assert SurveyAnswer.objects.get().score == 9
    assert Event.objects.get(kind="customers.survey_answered").data == {"score": 9, "survey": ""}
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    page = client.get(profile_url(ana.pk, ProfileTab.CARE))
    assert "Bom café" in page.content.decode()


@pytest.mark.parametrize("score", [-1, 11, 7.5, "ten", None])
def test_a_score_is_a_whole_number_from_0_to_10(score):
    make_customer(external_id="ana")

    answer = told(
        "surveys", customer="ana", score=score, reference="1", answered_at=NOW.isoformat()
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "score")


def test_moments_before_1900_are_refused():
    """In the year 622 the shop's zone was 3 hours, 6 minutes and 28 seconds behind."""
    answer = api_client().post(
        "/api/v1/surveys",
        {
            "reference": "old",
            "customer": make_customer().external_id,
            "score": 2,
            "answered_at": "0622-07-24T04:56:38-00:04",
        },
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "answered_at")


def test_cases_that_wait_for_somebody_are_listed_first(client):
    ana = make_customer()
    facts = {"customer": ana, "channel": ContactChannel.PHONE, "opened_at": NOW}
    Case.objects.create(reference="1", subject="Late", status=CaseStatus.RESOLVED, **facts)
    Case.objects.create(reference="2", subject="Broken", status=CaseStatus.OPEN, **facts)
    client.force_login(make_user(role=Role.SUPPORT_AGENT))

    page = client.get("/admin/customers/case/")

    assert [case.subject for case in page.context["cl"].result_list] == ["Broken", "Late"]
