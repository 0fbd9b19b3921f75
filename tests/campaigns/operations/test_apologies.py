from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError

from campaigns.enums import ApologyState
from campaigns.models import Apology, Voucher
from campaigns.operations.apologies import (
    AlreadyDecided,
    CustomerErased,
    MayNotApprove,
    OwnApology,
    approve,
    decline,
)
from campaigns.queries.apologies import given_today, recent
from campaigns.queries.vouchers import code_of
from common.models import AuditEntry
from customers.models import Event
from tests.factories import NOW, make_apology, make_customer, make_redemption, make_user
from tests.races import at_once


def make_approver(**facts):
    user = make_user(**facts)
    user.user_permissions.add(Permission.objects.get(codename="approve_apology"))
    return user


@pytest.mark.django_db
def test_apology_within_the_limit_is_issued_at_once():
    customer = make_customer()

    apology = make_apology(customer, agent=make_user(apology_limit=50), amount="50.00")

    assert apology.state == ApologyState.ISSUED
    voucher = apology.voucher
    assert voucher
    assert (voucher.customer, voucher.amount, voucher.offer.is_apology) == (
        customer,
        Decimal("50.00"),
        True,
    )
    assert voucher.valid_until - NOW > timedelta(days=90)
    event = Event.objects.get(kind="campaigns.apology_issued")
    assert (event.customer, event.data) == (customer, {"amount": "50.00", "reason": "late"})


@pytest.mark.django_db
def test_apology_above_the_limit_waits_for_a_second_person():
    apology = make_apology(agent=make_user(apology_limit=50), amount="50.01")

    assert (apology.state, apology.voucher) == (ApologyState.WAITING, None)
    assert not Voucher.objects.exists()
    assert not Event.objects.filter(kind="campaigns.apology_issued").exists()


@pytest.mark.django_db
def test_many_small_apologies_of_a_day_need_a_second_person_too():
    agent = make_user(apology_limit=50)
    for _ in range(12):
        assert make_apology(agent=agent, amount="50.00").state == ApologyState.ISSUED

    assert make_apology(agent=agent, amount="0.01").state == ApologyState.WAITING

    tomorrow = NOW + timedelta(days=1)
    assert make_apology(agent=agent, amount="50.00", at=tomorrow).state == ApologyState.ISSUED


@pytest.mark.django_db
def test_what_a_second_person_approved_does_not_count_against_the_day():
    agent = make_user(apology_limit=50)
    approve(make_apology(agent=agent, amount="500.00"), by=make_approver(), at=NOW)

    assert given_today(agent, at=NOW) == 0


@pytest.mark.django_db
def test_asking_again_with_the_same_reference_returns_the_first():
    agent, customer = make_user(), make_customer()
    first = make_apology(customer, agent=agent, reference="form:1")

    again = make_apology(customer, agent=agent, reference="form:1")

    assert again == first
    assert Voucher.objects.count() == 1


@pytest.mark.django_db
def test_second_person_approves_and_the_voucher_can_be_used():
    apology = make_apology(amount="80.00")
    approver = make_approver()

    approved = approve(apology, by=approver, at=NOW + timedelta(hours=1))

    assert (approved.state, approved.decided_by) == (ApologyState.ISSUED, approver)
    assert approve(apology, by=approver, at=NOW + timedelta(hours=2)) == approved
    assert Voucher.objects.get() == approved.voucher
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["apology.requested", "apology.approved"]


@pytest.mark.django_db
def test_nobody_approves_their_own_request():
    requester = make_approver()
    apology = make_apology(agent=requester, amount="80.00")

    with pytest.raises(MayNotApprove, match="somebody else decides"):
        approve(apology, by=requester, at=NOW)

    with pytest.raises(IntegrityError, match="nobody_approves_their_own_apology"):
        Apology.objects.update(decided_by=requester)


@pytest.mark.django_db
def test_approval_needs_the_permission():
    apology = make_apology(amount="80.00")

    with pytest.raises(MayNotApprove, match="may not approve"):
        approve(apology, by=make_user(), at=NOW)


@pytest.mark.django_db
def test_declined_apology_gives_nothing_and_stays_declined():
    apology = make_apology(amount="80.00")
    approver = make_approver()

    declined = decline(apology, by=approver, at=NOW)

    assert (declined.state, declined.voucher) == (ApologyState.DECLINED, None)
    with pytest.raises(AlreadyDecided):
        approve(apology, by=approver, at=NOW)


@pytest.mark.django_db
def test_agent_gives_no_voucher_to_themselves():
    customer = make_customer(email="ana@mail.example")

    with pytest.raises(OwnApology):
        make_apology(customer, agent=make_user(email="Ana@mail.example"))


@pytest.mark.django_db
def test_erased_customer_gets_no_voucher():
    with pytest.raises(CustomerErased):
        make_apology(make_customer(erased_at=NOW))


@pytest.mark.django_db
def test_recent_apologies_are_those_of_ninety_days_that_were_not_declined():
    customer = make_customer()
    kept = make_apology(customer, at=NOW - timedelta(days=89))
    make_apology(customer, at=NOW - timedelta(days=91))
    decline(make_apology(customer, amount="80.00"), by=make_approver(), at=NOW)
    make_apology()

    assert list(recent(customer, at=NOW)) == [kept]


@pytest.mark.parametrize("round_number", range(3))
def test_limit_of_the_day_holds_when_an_agent_asks_twice_at_once(real_db, round_number):
    agent, customer = make_user(apology_limit=50), make_customer()

    answers = at_once(
        *[lambda: make_apology(customer, agent=agent, amount="50.00") for _ in range(20)]
    )

    states = [answer.state for answer in answers]
    assert states.count(ApologyState.ISSUED) == 12
    assert states.count(ApologyState.WAITING) == 8


@pytest.mark.parametrize("round_number", range(3))
def test_approving_and_declining_at_once_decides_once(real_db, round_number):
    apology = make_apology(amount="80.00")
    people = [make_approver() for _ in range(4)]

    at_once(
        *[
            lambda person=person, act=act: act(apology, by=person, at=NOW)
            for person, act in zip(people, [approve, decline] * 2, strict=True)
        ]
    )

    decided = Apology.objects.get(pk=apology.pk)
    assert Voucher.objects.count() == (decided.state == ApologyState.ISSUED)


@pytest.mark.django_db
def test_customer_uses_the_apology_on_any_order():
    customer = make_customer()
    make_apology(customer, amount="30.00")

    redemption = make_redemption(code_of(Voucher.objects.get()), customer=customer, total="12.00")

    assert redemption.discount == Decimal("12.00")
