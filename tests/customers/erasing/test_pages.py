"""What the privacy officer sees before somebody is erased."""

import pytest
from django.urls import reverse

from common.enums import Role, Scope
from customers.models import Customer
from tests.api import api_client
from tests.customers.erasing.canary import make_canary
from tests.factories import NOW, make_customer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    return client


def page_of(customer):
    return reverse("admin:customers_customer_erase", args=[customer.pk])


def test_it_says_what_goes_what_stays_and_why(officer):
    someone = make_canary()

    page = officer.get(page_of(someone)).content.decode()

    for text in (
        "Erased with it, because they are the same person:",
        "loja-4712",
        "Notes: 1",
        "Cases: 1 (subject, text, resolution).",
        "Orders: 1. Orders and amounts stay in the shop&#x27;s books",
        "125 points are let go.",
        "vouchers are worth nothing any more.",
        "The e-mail and phone are blocked by their hash",
    ):
        assert text in page


def test_whoever_shares_an_address_is_told_of(officer):
    ana = make_customer(email="family@example.com")
    make_customer(email="family@example.com")

    page = officer.get(page_of(ana)).content.decode()

    assert "1 other customer shares an address" in page


def test_the_number_is_typed_and_the_reason_said(officer):
    ana = make_customer(external_id="ana")

    refused = officer.post(page_of(ana), {"reason": "", "number": "anna"}).content.decode()

    assert "This is not the number of this customer." in refused
    assert Customer.objects.get(pk=ana.pk).erased_at is None

    answer = officer.post(page_of(ana), {"reason": "Asked for it", "number": "ana"}, follow=True)

    assert "The customer was erased." in answer.content.decode()
    assert Customer.objects.get(pk=ana.pk).erased_at is not None
    assert officer.get(page_of(ana)).status_code == 404


def test_the_action_stands_last_and_only_for_whoever_may(officer, client):
    ana = make_customer()
    profile = reverse("admin:customers_customer_profile", args=[ana.pk])

    assert page_of(ana) in officer.get(profile).content.decode()

    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    assert page_of(ana) not in client.get(profile).content.decode()


def test_programs_are_refused_the_number(officer):
    ana = make_customer(external_id="ana")
    officer.post(page_of(ana), {"reason": "Asked for it", "number": "ana"})
    program = api_client(Scope.WRITE_CUSTOMERS)

    put = program.put("/api/v1/customers/ana", {"first_name": "Ana"}, format="json")
    order = {"external_id": "o1", "customer": "ana", "ordered_at": NOW.isoformat(), "lines": []}
    told = program.post("/api/v1/orders", order, format="json")

    assert (put.status_code, put.json()["code"]) == (409, "customer_erased")
    assert told.status_code == 422


def test_the_form_refuses_the_number(client):
    ana = make_customer(external_id="ana")
    client.force_login(make_user(role=Role.ADMINISTRATOR))
    client.post(page_of(ana), {"reason": "Asked for it", "number": "ana"})

    page = client.post(
        reverse("admin:customers_customer_add"), {"external_id": "ana", "stage": "prospect"}
    )

    assert "This customer was erased and cannot come back." in page.content.decode()
