"""Somebody is erased: nothing of them can be read, and every sum stays what it was."""

import logging

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.urls import reverse

from campaigns.models import Message, Voucher
from campaigns.queries.drift import drifted_uses
from campaigns.queries.results import waterfall
from common.enums import Role
from common.models import AuditEntry
from consent.enums import Channel, SuppressionReason
from consent.models import Suppression
from customers.models import Customer, Erasure, Event, Note, Order, SurveyAnswer
from customers.operations.erasing import ReasonMissing, erase
from customers.operations.merges import CannotUndo, merge, unmerge
from customers.operations.metrics import metric_faults
from customers.operations.profile import CustomerErased, put_customer
from customers.queries.holdings import holdings, losses
from customers.queries.identity import called
from customers.queries.search import find
from customers.rules.erasing import Fate
from loyalty.models import Member
from loyalty.queries import balance, faults
from segments.models import Membership
from tests.customers.erasing.canary import WORDS, found_in_database, make_canary
from tests.factories import NOW, make_customer, make_order, make_user, make_voucher
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db


def leave(customer, **facts):
    return erase(customer, **{"by": None, "reason": "Asked for it", "at": NOW, **facts})


def now_of(customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


def test_nothing_of_the_person_can_be_read_in_any_table():
    someone = make_canary()
    assert {word for _table, _column, word in found_in_database()} == set(WORDS)

    leave(someone)

    assert found_in_database() == set()


def test_no_log_tells_of_them(caplog, client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    caplog.set_level(logging.DEBUG, logger="")
    caplog.set_level(logging.INFO, logger="django.db.backends")
    someone = make_canary()
    client.get(reverse("admin:customers_customer_profile", args=[someone.pk]))
    client.get(reverse("admin:customers_customer_erase", args=[someone.pk]))

    leave(someone)

    logging.getLogger("customers").info("something was said")
    assert "something was said" in caplog.text
    assert [word for word in WORDS if word in caplog.text.lower()] == []


def test_sums_stay_what_they_were():
    someone = make_canary()
    campaign = Message.objects.get(customer=someone).campaign
    before = waterfall(campaign)

    leave(someone)

    assert (faults(), metric_faults(), list(drifted_uses())) == ([], [], [])
    assert waterfall(campaign) == before
    assert Order.objects.filter(customer=someone).count() == 1
    assert SurveyAnswer.objects.get().score == 9


def test_the_record_stays_and_is_nobodys():
    ana = make_customer(external_id="ana", first_name="Ana")

    leave(ana)

    gone = now_of(ana)
    assert (gone.pk, gone.name, gone.email, gone.erased_at) == (ana.pk, "", "", NOW)
    assert gone.external_id != "ana"
    assert find("Ana") == []
    assert called("ana") is None


def test_points_are_let_go_and_the_tier_is_left():
    member = make_member(balance=120)

    leave(member.customer)

    assert balance(member, at=NOW) == 0
    assert Member.objects.get().tier is None
    assert faults() == []


def test_vouchers_are_worth_nothing():
    ana = make_customer()
    make_voucher(customer=ana)

    leave(ana)

    assert Voucher.objects.get().voided_at == NOW


def test_nobody_writes_to_the_addresses_again_whoever_brings_them_back():
    leave(make_customer(email="ana@example.com", phone="+5511987654321"))

    blocked = Suppression.objects.values_list("channel", "reason")

    assert set(blocked) == {
        (channel, SuppressionReason.ERASED)
        for channel in (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)
    }


def test_who_was_in_a_segment_is_in_none():
    someone = make_canary()

    leave(someone)

    assert not Membership.objects.filter(left_at=None).exists()


def test_the_shop_cannot_bring_them_back_by_their_number():
    leave(make_customer(external_id="ana"))

    with pytest.raises(CustomerErased):
        put_customer("ana", {"first_name": "Ana"}, at=NOW)

    assert put_customer("bia", {}, at=NOW)[1]


def test_an_order_that_was_under_way_is_refused():
    ana = make_customer()
    leave(ana)

    with pytest.raises(CustomerErased):
        make_order(ana)


def test_erasing_again_changes_nothing():
    ana = make_customer()
    first = leave(ana)
    number = now_of(ana).external_id

    assert leave(now_of(ana), reason="Again") == first
    assert now_of(ana).external_id == number
    assert AuditEntry.objects.filter(action="customers.erased").count() == 1


def test_it_says_who_and_why():
    officer, ana = make_user(), make_customer()

    leave(ana, by=officer, reason="Request of 2 March")

    entry = AuditEntry.objects.get(action="customers.erased")
    assert (entry.actor, entry.subject_id, entry.reason) == (officer, ana.pk, "Request of 2 March")
    event = Event.objects.get(kind="customers.erased")
    assert (event.customer_id, event.data) == (ana.pk, {})


def test_without_a_reason_nobody_is_erased():
    ana = make_customer()

    with pytest.raises(ReasonMissing):
        leave(ana, reason=" ")

    assert now_of(ana).erased_at is None


@pytest.mark.parametrize("named", [0, 1])
def test_records_that_were_merged_go_together_whichever_is_named(named):
    ana, twin = make_customer(external_id="ana"), make_customer(external_id="twin")
    record = merge(ana, twin, by=None, at=NOW)

    leave(now_of((ana, twin)[named]))

    assert {it.customer_id for it in Erasure.objects.all()} == {ana.pk, twin.pk}
    assert [called(number) for number in ("ana", "twin")] == [None, None]
    with pytest.raises(CannotUndo):
        unmerge(record, by=None, at=NOW)


def test_who_was_one_record_with_them_for_a_while_does_not_tell_of_them():
    ana, other = make_customer(external_id="number-of-ana"), make_customer()
    unmerge(merge(other, ana, by=None, at=NOW), by=None, at=NOW)

    leave(ana)

    assert found_in_database(["number-of-ana"]) == set()
    assert now_of(other).erased_at is None


def test_a_neighbour_keeps_everything():
    ana, bia = make_customer(), make_customer(first_name="Bia")
    Note.objects.create(customer=bia, text="Likes tea", author=make_user(), reference="n")

    leave(ana)

    assert (now_of(bia).first_name, bia.notes.get().text) == ("Bia", "Likes tea")


def test_details_of_events_are_emptied_by_no_other_way():
    make_customer()

    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE customers_event SET data = '{}', kind = 'x'")


def test_the_preview_counts_what_goes_and_what_stays():
    someone = make_canary()

    told = losses([someone])

    assert {loss.rows: loss.count for loss in told[Fate.DELETED]} == {
        "carts": 1,
        "notes": 1,
        "packages of data": 1,
        "possible duplicates": 1,
    }
    assert all(loss.because for fate in (Fate.BLANKED, Fate.KEPT) for loss in told[fate])


def test_whatever_is_kept_says_why():
    silent = [
        it for it in holdings() if it.erasing.fate != Fate.DELETED and not it.erasing.because
    ]

    assert silent == []
