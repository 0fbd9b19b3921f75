import pytest

from customers.models import Event
from loyalty.models import Account, Member
from loyalty.operations.members import enrol
from loyalty.queries import the_programme
from tests.factories import NOW, make_customer
from tests.races import at_once

LATER = NOW.replace(year=2027)


@pytest.mark.django_db
def test_enrol_makes_members_with_an_empty_account():
    customers = [make_customer().pk for _ in range(3)]

    enrol(the_programme(), customers=customers, at=NOW)

    members = Member.objects.filter(customer__in=customers)
    assert [member.account.balance for member in members] == [0, 0, 0]
    assert Event.objects.filter(kind="loyalty.joined").count() == 3


@pytest.mark.django_db
def test_enrol_again_changes_nothing():
    ana, bia = make_customer(), make_customer()
    enrol(the_programme(), customers=[ana.pk], at=NOW)

    enrol(the_programme(), customers=[ana.pk, bia.pk], at=LATER)

    assert Member.objects.get(customer=ana).joined_at == NOW
    assert Member.objects.get(customer=bia).joined_at == LATER
    assert Event.objects.filter(kind="loyalty.joined", customer=ana).count() == 1


@pytest.mark.django_db
def test_enrol_leaves_out_who_was_erased():
    gone = make_customer(erased_at=NOW)

    enrol(the_programme(), customers=[gone.pk], at=NOW)

    assert not Member.objects.exists()


def test_enrolling_at_once_makes_one_member_with_one_account(real_db):
    customers = [make_customer().pk for _ in range(5)]

    refused = at_once(*[lambda: enrol(the_programme(), customers=customers, at=NOW)] * 4)

    assert refused == [None] * 4
    assert Account.objects.exclude(member=None).count() == 5
