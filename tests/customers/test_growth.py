"""How much more somebody might spend, worked out by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from common.enums import Role
from customers.enums import OrderStatus, Tenure
from customers.models import CustomerMetrics, PeerGroup
from customers.operations.growth import refresh_growth
from customers.queries.profile import growth_of
from tests.factories import NOW, make_customer, make_order, make_user

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)


def make_buyer(spend, *, country="BR", state="SP", years=2, **facts):
    """Return somebody whose first order was so long ago, and who spent so much this year."""
    buyer = make_customer(country=country, state=state, **facts)
    make_order(buyer, total="1000.00", ordered_at=NOW - timedelta(days=365 * years + 1))
    if spend:
        make_order(buyer, total=f"{spend}.00", ordered_at=NOW - MONTH)
    return buyer


def make_thirty(**facts):
    """Return thirty buyers who spent 10, 20 … 300: nine in ten spent 270 at most."""
    return [make_buyer(10 * n, **facts) for n in range(1, 31)]


def growth(buyer):
    found = CustomerMetrics.objects.get(customer=buyer)
    return found.year_spend, found.growth_potential, found.growth_share


def test_the_potential_is_what_the_best_tenth_spends_less_ones_own():
    thirty = make_thirty()

    refresh_growth(at=NOW)

    group = PeerGroup.objects.get(state="SP")
    assert (group.tenure, group.country, group.size) == ("to_three", "BR", 30)
    assert group.best == 270
    assert growth(thirty[0]) == (10, 260, pytest.approx(260 / 270))
    assert growth(thirty[8]) == (90, 180, pytest.approx(2 / 3))
    # The best have nobody to look up to: never less than nothing.
    assert [growth(best) for best in thirty[26:28]] == [(270, 0, 0), (280, 0, 0)]


def test_who_bought_nothing_this_year_is_compared_as_spending_nothing():
    make_thirty()
    lapsed = make_buyer(0)

    refresh_growth(at=NOW)

    # Of 31, from nothing to 300, the 28th in order is the first to reach nine tenths.
    assert growth(lapsed) == (0, 270, 1)


def test_cancelled_orders_and_those_of_other_years_are_not_of_this_year():
    make_thirty()
    buyer = make_buyer(50)
    make_order(buyer, total="80.00", status=OrderStatus.CANCELLED, ordered_at=NOW - MONTH)
    make_order(buyer, total="90.00", ordered_at=NOW + MONTH)

    refresh_growth(at=NOW)

    assert growth(buyer)[0] == Decimal("50.00")


def test_where_too_few_are_alike_the_circle_is_wider():
    make_thirty()
    here = make_buyer(20, state="AC")
    abroad = make_buyer(20, country="PT", state="Porto")
    unknown = make_buyer(20, country="", state="")
    newcomer = make_buyer(20, years=0)

    refresh_growth(at=NOW)

    groups = {
        metrics.customer: (peers := metrics.peers) and (peers.tenure, peers.country, peers.state)
        for metrics in CustomerMetrics.objects.select_related("customer", "peers")
    }
    assert groups[here] == (Tenure.TO_THREE, "BR", "")
    assert groups[abroad] == groups[unknown] == (Tenure.TO_THREE, "", "")
    # Nobody else began this year: nothing is said.
    assert groups[newcomer] is None
    assert growth(newcomer) == (1020, None, None)


def test_twenty_nine_are_too_few():
    for n in range(29):
        make_buyer(n)

    refresh_growth(at=NOW)

    assert not PeerGroup.objects.exists()


def test_nothing_is_said_of_who_never_ordered_was_merged_or_erased():
    thirty = make_thirty()
    looker = CustomerMetrics.objects.create(customer=make_customer(country="BR", state="SP"))
    gone, merged = make_buyer(10), make_buyer(10)
    refresh_growth(at=NOW)
    assert growth(gone)[1] == 260
    type(gone).objects.filter(pk=gone.pk).update(erased_at=NOW)
    type(merged).objects.filter(pk=merged.pk).update(merged_into=thirty[0])

    refresh_growth(at=NOW)

    assert growth(looker.customer) == (None, None, None)
    assert [growth(person)[1] for person in (gone, merged)] == [None, None]
    assert PeerGroup.objects.get(state="SP").size == 30


def test_a_group_of_an_earlier_night_counts_no_more():
    thirty = make_thirty()
    refresh_growth(at=NOW)
    for person in thirty[:5]:
        type(person).objects.filter(pk=person.pk).update(state="RJ")

    refresh_growth(at=NOW + timedelta(days=1))

    peers = CustomerMetrics.objects.get(customer=thirty[10]).peers
    assert peers
    assert peers.state == ""


def test_many_chunks_are_as_one():
    thirty = make_thirty()
    refresh_growth(at=NOW, chunk=7)

    assert growth(thirty[8]) == (90, 180, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (
            9,
            "The best tenth of customers of one to three years in SP, BR spent R$\xa0270.00 or"
            " more in 12 months: R$\xa0180.00 above this customer&#x27;s R$\xa090.00.",
        ),
        (
            30,
            "Spent R$\xa0300.00 in 12 months: among the best tenth of customers of one to three"
            " years in SP, BR.",
        ),
    ],
)
def test_the_profile_says_it_in_words(client, number, said):
    buyer = make_thirty()[number - 1]
    client.force_login(make_user(role=Role.MARKETING))
    page = reverse("admin:customers_customer_profile", args=[buyer.pk])
    assert growth_of(buyer) == ""
    assert "Growth potential" not in client.get(page).content.decode()

    refresh_growth(at=NOW)

    assert said in client.get(page).content.decode().replace("&nbsp;", "\xa0")
