"""The pages of offers, vouchers and redemptions."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.timezone import now

from campaigns.enums import RedemptionState
from campaigns.models import Offer, OfferUse
from common.enums import Role
from common.models import AuditEntry
from customers.enums import ProfileTab
from customers.queries.pages import profile_url
from tests.factories import (
    NOW,
    make_customer,
    make_offer,
    make_redemption,
    make_user,
    make_voucher,
)

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "May",
    "effect": "percent",
    "percent": "20",
    "cap": "50",
    "amount": "",
    "minimum_order": "100",
    "valid_days": "30",
    "per_customer_limit": "1",
    "total_limit": "",
    "is_active": "on",
}


def sign_in(client, role):
    user = make_user(role=role)
    client.force_login(user)
    return user


def test_marketer_makes_an_offer(client):
    user = sign_in(client, Role.MARKETING)

    client.post(reverse("admin:campaigns_offer_add"), TYPED)

    offer = Offer.objects.get(name="May")
    assert offer.sentence == (
        "20 % off, at most R$\u00a050.00, orders from R$\u00a0100.00, 30 days, once per customer"
    )
    assert offer.created_by == user


def test_offer_is_said_while_it_is_typed(client):
    sign_in(client, Role.MARKETING)
    url = reverse("admin:campaigns_offer_sentence")

    typed = client.get(url, {**TYPED, "name": "", "total_limit": "500"}).content.decode()
    unfinished = client.get(url, {**TYPED, "percent": ""}).content.decode()

    assert typed.endswith("once per customer, 500 uses in total")
    assert unfinished == "…"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"percent": ""}, "percent"),
        ({"effect": "amount", "amount": ""}, "amount"),
        ({"percent": "101"}, "percent"),
    ],
)
def test_offer_that_does_not_say_how_much_is_refused(client, wrong, field):
    sign_in(client, Role.MARKETING)

    page = client.post(reverse("admin:campaigns_offer_add"), {**TYPED, **wrong})

    assert field in page.context["adminform"].form.errors
    assert not Offer.objects.filter(name="May").exists()


def test_limit_below_what_was_used_is_refused_in_the_form(client):
    sign_in(client, Role.MARKETING)
    offer = make_offer(per_customer_limit=None)
    for _ in range(2):
        make_redemption(make_voucher(offer)[1])

    page = client.post(
        reverse("admin:campaigns_offer_change", args=[offer.pk]), {**TYPED, "total_limit": "1"}
    )

    assert "used 2 times already" in page.content.decode()


def test_limit_that_is_set_in_the_form_counts_what_was_used(client):
    sign_in(client, Role.MARKETING)
    offer = make_offer(per_customer_limit=None)
    make_redemption(make_voucher(offer)[1])

    client.post(
        reverse("admin:campaigns_offer_change", args=[offer.pk]), {**TYPED, "total_limit": "10"}
    )

    assert Offer.objects.get(pk=offer.pk).use_count == 1
    assert OfferUse.objects.get().use_count == 1


def test_offer_behind_apologies_is_not_listed(client):
    sign_in(client, Role.MARKETING)
    make_offer(name="May")

    page = client.get(reverse("admin:campaigns_offer_changelist")).content.decode()

    assert "May" in page
    assert "Apology voucher</a>" not in page


def test_code_is_shown_only_when_asked_for_and_that_is_written_down(client):
    agent = sign_in(client, Role.SUPPORT_AGENT)
    voucher, code = make_voucher(customer=make_customer())
    details = client.get(reverse("admin:campaigns_voucher_change", args=[voucher.pk]))

    shown = client.post(reverse("admin:campaigns_voucher_code", args=[voucher.pk]))

    assert code not in details.content.decode()
    assert code in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    entry = AuditEntry.objects.get(action="voucher.code_shown")
    assert (entry.actor, entry.subject_id) == (agent, voucher.pk)


def test_looking_at_the_address_of_a_code_shows_nothing(client):
    sign_in(client, Role.SUPPORT_AGENT)
    voucher, _ = make_voucher()

    answer = client.get(reverse("admin:campaigns_voucher_code", args=[voucher.pk]))

    assert answer.status_code == 302
    assert not AuditEntry.objects.filter(action="voucher.code_shown").exists()


def test_voucher_is_found_by_its_ending(client):
    sign_in(client, Role.SUPPORT_AGENT)
    voucher, code = make_voucher()
    make_voucher()

    page = client.get(reverse("admin:campaigns_voucher_changelist"), {"q": code[-4:].lower()})

    assert list(page.context["cl"].result_list) == [voucher]


def check(client, code, **typed):
    url = reverse("admin:campaigns_voucher_check")
    return client.post(url, {"code": code, "total": "95.90", **typed}).content.decode()


def test_agent_checks_a_code_and_reads_everything_that_stands_in_the_way(client):
    sign_in(client, Role.SUPPORT_AGENT)
    voucher, code = make_voucher(customer=make_customer(), voided_at=NOW, at=now())

    page = check(client, code)

    assert "The voucher was voided." in page
    assert "The minimum is R$\u00a0100.00, the cart has R$\u00a095.90; add R$\u00a04.10." in page
    assert f"…{voucher.code_ending}" in page


def test_agent_checks_a_code_that_is_taken(client):
    sign_in(client, Role.SUPPORT_AGENT)
    _, code = make_voucher(customer=make_customer(), at=now())

    assert "You save R$\u00a024.00." in check(client, code, total="120")


def test_agent_checks_a_code_for_somebody_else(client):
    sign_in(client, Role.SUPPORT_AGENT)
    make_customer(external_id="bia")
    _, code = make_voucher(customer=make_customer(), at=now())

    page = check(client, code, total="120", customer="bia")

    assert "The voucher belongs to another customer." in page
    assert "This code is not valid." in page


def test_agent_checks_a_code_that_nobody_has(client):
    sign_in(client, Role.SUPPORT_AGENT)

    assert "No voucher has this code." in check(client, "NATAL10")


def test_marketer_voids_a_voucher(client):
    sign_in(client, Role.MARKETING)
    voucher, _ = make_voucher()

    client.post(reverse("admin:campaigns_voucher_void", args=[voucher.pk]))

    voucher.refresh_from_db()
    assert voucher.voided_at


def test_agent_rolls_a_redemption_back_after_being_asked(client):
    sign_in(client, Role.SUPPORT_AGENT)
    redemption = make_redemption()
    url = reverse("admin:campaigns_redemption_roll_back", args=[redemption.pk])

    asked = client.get(url)
    redemption.refresh_from_db()
    assert redemption.state == RedemptionState.REDEEMED
    assert f"Order {redemption.order_reference}" in asked.content.decode()

    client.post(url)

    redemption.refresh_from_db()
    assert redemption.state == RedemptionState.ROLLED_BACK
    assert AuditEntry.objects.filter(action="redemption.rolled_back").exists()


def test_profile_lists_the_vouchers_of_the_customer(client):
    sign_in(client, Role.SUPPORT_AGENT)
    customer = make_customer()
    voucher, _ = make_voucher(make_offer(name="May"), customer=customer)
    used = make_redemption(customer=customer, total=Decimal(300)).voucher

    page = client.get(profile_url(customer.pk, ProfileTab.REWARDS))
    timeline = client.get(profile_url(customer.pk))

    text = page.content.decode()
    assert f"…{voucher.code_ending}" in text
    assert f"…{used.code_ending}" in text
    assert "Redeemed “" in timeline.content.decode()


@pytest.mark.parametrize("name", ["voucher", "redemption", "apology", "offer"])
def test_lists_ask_as_many_queries_for_many_rows(client, django_assert_max_num_queries, name):
    sign_in(client, Role.ADMINISTRATOR)
    for _ in range(5):
        make_redemption()

    with django_assert_max_num_queries(14):
        assert client.get(reverse(f"admin:campaigns_{name}_changelist")).status_code == 200
