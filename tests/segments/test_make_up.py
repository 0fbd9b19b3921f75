"""What a segment is made of, and nobody singled out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from consent.enums import Act
from customers.enums import Category, RfmGroup
from customers.models import CustomerMetrics, ScoreCuts
from loyalty.models import Member, Programme, Tier
from segments.compiler import Cell, MakeUp, make_up
from segments.operations.profiles import write_all_profiles
from segments.operations.refreshing import refresh
from segments.panels.make_up import Bar, facts
from tests.factories import NOW, allow, make_choice, make_customer
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db

EVERYBODY = {"all": [{"trait": "segments.share", "operator": "between", "value": [0, 100]}]}


def shares(**facts):
    """Make somebody whose data of every kind may be used."""
    return allow(make_customer(**facts))


def made_up(segment):
    write_all_profiles(at=NOW)
    refresh(segment, at=NOW)
    return make_up(segment, at=NOW)


def bars(found, segment, title):
    return next(fact.bars for fact in facts(segment, found)["facts"] if fact.title == title)


def test_members_stand_beside_everybody_by_each_fact():
    segment = make_segment()
    shares(city="Porto", birth_date=date(1990, 5, 1))
    shares(city="Porto")
    shares(city="Braga", birth_date=date(2000, 5, 1))

    found = made_up(segment)

    assert (found.members, found.everybody) == (2, 3)
    assert set(found.facts["customers.city"]) == {Cell("Porto", 2, 2), Cell("Braga", 0, 1)}
    assert set(found.facts["customers.age"]) == {
        Cell("3", 1, 1),
        Cell("", 1, 1),
        Cell("2", 0, 1),
    }


def test_spend_and_tier_and_group_are_told():
    segment = make_segment(rule=EVERYBODY)
    ana, bia, _caio = (shares() for _person in range(3))
    club = Programme.objects.create(name="Club")
    silver = Tier.objects.create(programme=club, name="Silver", rank=1, minimum_spend=0)
    Member.objects.create(customer=ana, programme=club, tier=silver)
    for customer, spend in ((ana, 500), (bia, 20)):
        CustomerMetrics.objects.update_or_create(
            customer=customer,
            defaults={
                "order_count": 1,
                "spend": Decimal(spend),
                "recency_score": 5,
                "frequency_score": 5,
                "monetary_score": 5,
            },
        )
    ScoreCuts.objects.create(
        recency=[], frequency=[], monetary=[Decimal(50), Decimal(200)], set_at=NOW
    )

    found = made_up(segment)

    assert set(found.facts["loyalty.tier"]) == {Cell("Silver", 1, 1), Cell("", 2, 2)}
    assert set(found.facts["customers.spend"]) == {
        Cell("0", 1, 1),
        Cell("2", 1, 1),
        Cell("", 1, 1),
    }
    assert set(found.facts["customers.rfm_group"]) == {Cell("champions", 2, 2), Cell("", 1, 1)}


def test_whoever_refused_a_kind_of_data_has_not_told_it():
    segment = make_segment(rule=EVERYBODY)
    shares(city="Porto")
    refuser = shares(city="Porto")
    make_choice(
        refuser,
        act=Act.REFUSED,
        categories=[Category.DEMOGRAPHIC],
        occurred_at=NOW + timedelta(minutes=1),
        at=NOW + timedelta(minutes=1),
    )

    found = made_up(segment)

    assert set(found.facts["customers.city"]) == {Cell("Porto", 1, 1), Cell(None, 1, 1)}


def test_few_people_are_told_as_few_and_the_others_are_rounded():
    segment = make_segment(rule=EVERYBODY)
    for n in range(25):
        shares(city="Porto" if n < 22 else "Braga")

    found = made_up(segment)

    assert bars(found, segment, "City") == [
        Bar("Porto", "~ 20", "80\u00a0%", "80\u00a0%", 80, 80),
        Bar("Braga", "< 10", "", "40\u00a0%", 40, 40),
    ]


def test_a_handful_of_members_is_not_described():
    segment = make_segment()
    shares(city="Porto")

    shown = facts(segment, made_up(segment))

    assert shown["is_too_small"]


def test_many_cities_become_others():
    segment = make_segment(rule=EVERYBODY)
    for n in range(12):
        shares(city=f"City {n:02}")

    found = made_up(segment)

    labels = [bar.label for bar in bars(found, segment, "City")]
    assert labels == [*(f"City {n:02}" for n in range(8)), "Others"]


def test_groups_are_told_whole_and_in_their_order():
    segment = make_segment(rule=EVERYBODY)
    cells = [Cell(group.value, 20, 30) for group in reversed(RfmGroup)]
    found = MakeUp(220, 330, {"customers.rfm_group": cells}, ())

    labels = [bar.label for bar in bars(found, segment, "RFM group")]

    assert labels == [group.label for group in RfmGroup]


def test_it_takes_one_query_beside_what_it_reads_to_ask(django_assert_max_num_queries):
    segment = make_segment()
    shares(city="Porto")
    refresh(segment, at=NOW)

    # The latest cuts, where the answers for the purpose stand, everybody.
    with django_assert_max_num_queries(3):
        make_up(segment, at=NOW)
