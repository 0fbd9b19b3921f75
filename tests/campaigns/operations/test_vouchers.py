from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Voucher
from campaigns.operations.vouchers import issue, show_code, void, voucher_reference
from campaigns.queries.vouchers import code_of, find_by_code
from common.models import AuditEntry
from customers.models import Event
from tests.factories import NOW, make_customer, make_offer, make_user, make_voucher

pytestmark = pytest.mark.django_db


def test_issue_gives_each_customer_a_voucher_of_their_own():
    offer, people = make_offer(valid_days=30), [make_customer() for _ in range(3)]

    vouchers = issue(
        offer, customers=[person.pk for person in people], reference_prefix="campaign:7", at=NOW
    )

    assert {(voucher.customer, voucher.reference) for voucher in vouchers} == {
        (person, voucher_reference("campaign:7", person.pk)) for person in people
    }
    assert {(voucher.valid_from, voucher.valid_until) for voucher in vouchers} == {
        (NOW, datetime(2026, 4, 2, tzinfo=ZoneInfo("America/Sao_Paulo")))
    }
    assert len({code_of(voucher) for voucher in vouchers}) == 3


def test_issue_again_gives_the_same_vouchers_and_adds_the_missing():
    offer, first, second = make_offer(), make_customer(), make_customer()
    before = issue(offer, customers=[first.pk], reference_prefix="campaign:7", at=NOW).get()

    vouchers = issue(offer, customers=[first.pk, second.pk], reference_prefix="campaign:7", at=NOW)

    assert before in vouchers
    assert len(vouchers) == Voucher.objects.count() == 2


def test_the_timeline_tells_of_each_voucher_once_and_when_it_is_voided():
    offer, people = make_offer(name="Spring"), [make_customer() for _ in range(2)]
    for _ in range(2):
        issued = issue(offer, customers=[it.pk for it in people], reference_prefix="s", at=NOW)
    for _ in range(2):
        void(issued.get(customer=people[0]), by=make_user(), at=NOW)

    told = Event.objects.filter(kind__startswith="campaigns.").order_by("kind", "customer")
    assert list(told.values_list("kind", "customer", "data")) == [
        ("campaigns.voucher_issued", people[0].pk, {"offer_id": offer.pk, "offer_name": "Spring"}),
        ("campaigns.voucher_issued", people[1].pk, {"offer_id": offer.pk, "offer_name": "Spring"}),
        ("campaigns.voucher_voided", people[0].pk, {"offer_id": offer.pk, "offer_name": "Spring"}),
    ]


def test_issue_takes_a_bounded_number_of_queries(django_assert_max_num_queries):
    offer, people = make_offer(), [make_customer().pk for _ in range(50)]

    with django_assert_max_num_queries(4):
        issue(offer, customers=people, reference_prefix="campaign:7", at=NOW)


@pytest.mark.parametrize("change", [str, str.lower, lambda code: code.replace("-", " ")])
def test_voucher_is_found_however_its_code_is_typed(change):
    voucher, code = make_voucher()

    assert find_by_code(change(code)) == voucher


def test_unknown_code_finds_nothing():
    make_voucher()

    assert find_by_code("NATAL10") is None


def test_code_stands_nowhere_in_the_row():
    voucher, code = make_voucher()

    row = str(Voucher.objects.filter(pk=voucher.pk).values_list())

    assert code.replace("-", "") not in row
    assert voucher.code_ending == code[-4:]


def test_whoever_of_the_staff_sees_a_code_is_written_down():
    (voucher, code), agent = make_voucher(), make_user()

    assert show_code(voucher, by=agent, at=NOW) == code

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject_id, entry.fields) == (
        "voucher.code_shown",
        agent,
        voucher.pk,
        ["code"],
    )


def test_void_again_keeps_the_first_moment():
    voucher, _ = make_voucher()
    void(voucher, by=make_user(), at=NOW)

    void(voucher, by=make_user(), at=NOW + timedelta(days=1))

    voucher.refresh_from_db()
    assert voucher.voided_at == NOW


def test_voucher_of_an_amount_of_its_own_takes_that_off():
    customer = make_customer()

    voucher = issue(
        make_offer(),
        customers=[customer.pk],
        reference_prefix="apology:1",
        amount=Decimal("15.00"),
        at=NOW,
    ).get()

    assert voucher.terms(voucher.offer).amount == Decimal("15.00")
