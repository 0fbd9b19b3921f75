"""An erasure beside whatever else happens to the person at the same moment."""

from common.enums import Role
from customers.enums import ErasureState
from customers.models import Customer, Erasure, ErasureRequest, Order
from customers.operations.erasing import erase
from customers.operations.erasure_requests import approve_erasure, decline_erasure
from customers.operations.merges import CustomerErased as GoneFromMerge
from customers.operations.merges import merge
from customers.operations.metrics import metric_faults
from customers.operations.profile import CustomerErased, put_customer
from loyalty.queries import faults
from tests.customers.erasing.test_requests import asked_for, is_erased, two_people
from tests.factories import NOW, make_customer, make_order, make_product, make_user
from tests.loyalty.factories import make_member
from tests.races import at_once, overlapping


def leave(customer):
    return erase(customer, by=None, reason="Asked for it", at=NOW)


def test_an_order_told_meanwhile_waits_and_is_refused(real_db):
    ana, product = make_customer(), make_product()

    _erasure, order = overlapping(lambda: leave(ana), lambda: make_order(ana, product=product))

    assert isinstance(order, CustomerErased)
    assert not Order.objects.exists()
    assert metric_faults() == []


def test_an_order_that_came_first_is_kept_without_a_name(real_db):
    ana, product = make_member(balance=50).customer, make_product()

    order, _erasure = overlapping(lambda: make_order(ana, product=product), lambda: leave(ana))

    assert Order.objects.get() == order
    assert (faults(), metric_faults()) == ([], [])


def test_whoever_is_told_anew_meanwhile_stays_erased(real_db):
    ana = make_customer(external_id="ana")

    _erasure, told = overlapping(
        lambda: leave(ana), lambda: put_customer("ana", {"first_name": "Ana"}, at=NOW)
    )

    assert isinstance(told, CustomerErased)
    assert set(Customer.objects.values_list("first_name", flat=True)) == {""}


def test_a_merge_meanwhile_is_refused_or_goes_along(real_db):
    ana, twin = make_customer(), make_customer()

    _erasure, merged = overlapping(lambda: leave(ana), lambda: merge(ana, twin, by=None, at=NOW))

    assert isinstance(merged, GoneFromMerge)


def test_two_officers_at_once_erase_once(real_db):
    ana = make_customer()

    answers = at_once(*[lambda: leave(ana)] * 3)

    assert set(answers) == {Erasure.objects.get()}


def test_of_two_who_approve_at_once_one_is_told_that_it_is_decided(real_db):
    (asks, decides), ana = two_people(), make_customer()
    other = make_user(role=Role.PRIVACY_OFFICER)
    request = asked_for(ana, by=asks)

    outcomes = at_once(
        lambda: approve_erasure(request, by=decides, at=NOW),
        lambda: approve_erasure(request, by=other, at=NOW),
    )

    assert sorted(type(it).__name__ for it in outcomes) == ["AlreadyDecided", "ErasureRequest"]
    decided = ErasureRequest.objects.get()
    assert decided.decided_by == Erasure.objects.get(customer=ana).erased_by


def test_a_yes_and_a_no_at_once_do_not_both_stand(real_db):
    (asks, decides), ana = two_people(), make_customer()
    other = make_user(role=Role.PRIVACY_OFFICER)
    request = asked_for(ana, by=asks)

    at_once(
        lambda: approve_erasure(request, by=decides, at=NOW),
        lambda: decline_erasure(request, because="Not yet", by=other, at=NOW),
    )

    erased = ErasureRequest.objects.get().state == ErasureState.ERASED
    assert is_erased(ana) == erased
