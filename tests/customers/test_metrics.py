from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from customers.enums import RfmGroup
from customers.models import CustomerMetrics, ScoreCuts
from customers.operations.metrics import metric_faults, rescore, set_score_cuts
from customers.rules.rfm import CELLS, GROUPS
from tests.factories import NOW, make_customer, make_order, make_user

pytestmark = pytest.mark.django_db


def make_buyer(*, total="10.00", days_ago=0, orders=1):
    buyer = make_customer()
    for number in range(orders):
        ordered_at = NOW - timedelta(days=days_ago + 10 * number)
        make_order(buyer, total=total, ordered_at=ordered_at)
    return buyer


def scores_of(customer):
    found = CustomerMetrics.objects.get(customer=customer)
    return found.recency_score, found.frequency_score, found.monetary_score


def test_every_cell_of_scores_is_in_exactly_one_group():
    cells = [cell for group in CELLS.values() for cell in group.split()]

    assert len(cells) == len(set(cells)) == 125
    assert set(GROUPS.values()) == set(RfmGroup)


def test_groups_are_those_of_the_field():
    assert GROUPS["555"] == RfmGroup.CHAMPIONS
    assert GROUPS["155"] == RfmGroup.CANT_LOSE
    assert GROUPS["111"] == RfmGroup.LOST


def test_scores_divide_customers_into_five():
    buyers = [make_buyer(total=f"{10 * n}.00", days_ago=5 - n, orders=n) for n in range(1, 6)]

    set_score_cuts(at=NOW)
    rescore()

    assert [scores_of(buyer) for buyer in buyers] == [(n, n, n) for n in range(1, 6)]


def test_equal_customers_score_equally():
    buyers = [make_buyer(total="10.00") for _ in range(7)]

    set_score_cuts(at=NOW)
    rescore()

    assert {scores_of(buyer) for buyer in buyers} == {(5, 1, 1)}


def test_order_of_the_day_is_scored_by_the_cuts_of_the_night():
    for n in range(1, 6):
        make_buyer(total=f"{10 * n}.00", days_ago=5 - n, orders=n)
    set_score_cuts(at=NOW)
    newcomer = make_buyer(total="500.00")

    assert scores_of(newcomer) == (5, 1, 5)


def test_nobody_is_scored_before_there_are_cuts_or_without_an_order():
    assert set_score_cuts(at=NOW) is None
    buyer, looker = make_buyer(), make_customer()
    set_score_cuts(at=NOW)

    rescore()

    assert scores_of(buyer) == (5, 1, 1)
    assert not CustomerMetrics.objects.filter(customer=looker).exists()
    assert ScoreCuts.objects.count() == 1


def test_average_and_days_between_orders():
    buyer = make_buyer(total="10.00", orders=3)
    make_order(buyer, total="30.01", ordered_at=NOW - timedelta(days=50))

    metrics = CustomerMetrics.objects.get(customer=buyer)

    assert metrics.average == Decimal("15.00")
    assert metrics.days_between_orders == pytest.approx(50 / 3)
    looker = CustomerMetrics.objects.create(customer=make_customer())
    looker.refresh_from_db()
    assert (looker.average, looker.days_between_orders, looker.last_seen_at) == (None, None, None)


def test_the_database_names_the_same_groups():
    """A changed table of groups needs a migration that makes the column anew."""
    for cell in GROUPS:
        recency, frequency, monetary = map(int, cell)
        CustomerMetrics.objects.create(
            customer=make_customer(external_id=cell),
            recency_score=recency,
            frequency_score=frequency,
            monetary_score=monetary,
        )

    named = CustomerMetrics.objects.values_list("customer__external_id", "rfm_group")

    assert dict(named) == GROUPS


def test_rollups_are_proved(capsys):
    make_buyer(orders=2)
    make_customer()
    set_score_cuts(at=NOW)
    rescore()

    call_command("prove_metrics")

    assert "drift 0" in capsys.readouterr().out


@pytest.mark.parametrize("drift", [{"spend": 11}, {"monetary_score": 3}, {"last_order_at": None}])
def test_rollups_that_drifted_are_named(drift):
    buyer = make_buyer(orders=2)
    set_score_cuts(at=NOW)
    rescore()
    CustomerMetrics.objects.filter(customer=buyer).update(**drift)

    assert [fault.split()[1] for fault in metric_faults()] == [str(buyer.pk)]
    with pytest.raises(CommandError, match="1 customers have drifted"):
        call_command("prove_metrics")


def test_profile_shows_value_and_group(client):
    buyer = make_buyer(total="40.00", orders=2)
    set_score_cuts(at=NOW)
    rescore()
    client.force_login(make_user(is_superuser=True))

    page = client.get(reverse("admin:customers_customer_profile", args=[buyer.pk]))

    headlines = {str(label): value for label, value in page.context["headlines"]}
    assert headlines["Average order"] == "R$\u00a040.00"
    assert headlines["RFM group"] == "New customer"
