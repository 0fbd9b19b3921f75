"""Giving an apology voucher from a customer's page, and deciding on one."""

from decimal import Decimal

import pytest
from django.urls import reverse

from campaigns.enums import ApologyReason, ApologyState
from campaigns.models import Apology
from common.enums import Role
from tests.factories import make_apology, make_customer, make_user

pytestmark = pytest.mark.django_db


def sign_in(client, role, **facts):
    user = make_user(role=role, **facts)
    client.force_login(user)
    return user


def give(client, customer, **typed):
    url = reverse("admin:campaigns_apology_issue", args=[customer.pk])
    return client.post(
        url, {"amount": "30.00", "reason": "late", "reference": "form-1", **typed}, follow=True
    )


def test_agent_gives_a_voucher_from_the_profile(client):
    agent = sign_in(client, Role.SUPPORT_AGENT)
    customer = make_customer()
    profile = reverse("admin:customers_customer_profile", args=[customer.pk])
    form = reverse("admin:campaigns_apology_issue", args=[customer.pk])
    assert form in client.get(profile).content.decode()

    answer = give(client, customer, explanation="Two days late")

    apology = Apology.objects.get()
    assert (apology.customer, apology.requested_by, apology.amount, apology.reason) == (
        customer,
        agent,
        Decimal("30.00"),
        ApologyReason.LATE,
    )
    assert apology.state == ApologyState.ISSUED
    assert "the customer gets it by e-mail" in answer.content.decode()


def test_double_click_gives_one_voucher(client):
    sign_in(client, Role.SUPPORT_AGENT)
    customer = make_customer()

    give(client, customer)
    give(client, customer)

    assert Apology.objects.count() == 1


def test_brazilian_agent_types_a_decimal_comma(client):
    sign_in(client, Role.SUPPORT_AGENT, language="pt-br")

    give(client, make_customer(), amount="30,50")

    assert Apology.objects.get().amount == Decimal("30.50")


@pytest.mark.parametrize("amount", ["0", "-5", "1.005", ""])
def test_amount_that_is_none_is_refused(client, amount):
    sign_in(client, Role.SUPPORT_AGENT)

    give(client, make_customer(), amount=amount)

    assert not Apology.objects.exists()


def test_agent_is_warned_of_a_customer_who_got_three(client):
    sign_in(client, Role.SUPPORT_AGENT)
    customer = make_customer()
    url = reverse("admin:campaigns_apology_issue", args=[customer.pk])
    for reference in ("form-1", "form-2"):
        give(client, customer, reference=reference)
    assert "already got" not in client.get(url).content.decode()

    give(client, customer, reference="form-3")

    assert "already got 3 apology vouchers" in client.get(url).content.decode()


def test_second_person_approves_what_waits_first_in_the_list(client):
    waiting = make_apology(amount="80.00")
    make_apology(amount="20.00")
    sign_in(client, Role.MARKETING)
    page = client.get(reverse("admin:campaigns_apology_changelist"))
    assert page.context["cl"].result_list[0] == waiting

    answer = client.post(
        reverse("admin:campaigns_apology_decide", args=[waiting.pk]),
        {"act": "approve"},
        follow=True,
    )

    waiting.refresh_from_db()
    assert waiting.state == ApologyState.ISSUED
    assert "the customer gets it by e-mail" in answer.content.decode()


def test_second_person_declines(client):
    waiting = make_apology(amount="80.00")
    sign_in(client, Role.MARKETING)

    client.post(reverse("admin:campaigns_apology_decide", args=[waiting.pk]), {"act": "decline"})

    waiting.refresh_from_db()
    assert waiting.state == ApologyState.DECLINED


def test_nobody_decides_on_their_own_request(client):
    boss = sign_in(client, Role.ADMINISTRATOR)
    waiting = make_apology(agent=boss, amount="80.00")
    page = reverse("admin:campaigns_apology_change", args=[waiting.pk])
    assert "Approve and send" not in client.get(page).content.decode()

    answer = client.post(
        reverse("admin:campaigns_apology_decide", args=[waiting.pk]),
        {"act": "approve"},
        follow=True,
    )

    waiting.refresh_from_db()
    assert waiting.state == ApologyState.WAITING
    assert "somebody else decides" in answer.content.decode()
