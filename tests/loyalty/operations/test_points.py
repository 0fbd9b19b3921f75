from datetime import timedelta

import pytest
from django.db.models import F

from common.models import AuditEntry
from customers.models import Event
from loyalty.models import Lot
from loyalty.operations.points import (
    NotEnoughPoints,
    NothingToMove,
    ReferenceTaken,
    adjust,
    expire,
    spend,
)
from loyalty.queries import balance, faults
from tests.factories import NOW, make_user
from tests.loyalty.factories import give, make_member
from tests.races import at_once

YEAR = timedelta(days=366)


@pytest.mark.django_db
def test_spend_takes_points():
    member = make_member(balance=500)

    spent = spend(member, points=200, reference="reward:7", at=NOW)

    assert spent.entries.get(points=200).account.kind == "redeemed"
    assert balance(member, at=NOW) == 300
    assert faults() == []


@pytest.mark.django_db
def test_spend_again_with_the_same_reference_spends_nothing():
    member = make_member(balance=500)
    first = spend(member, points=200, reference="reward:7", at=NOW)

    again = spend(member, points=200, reference="reward:7", at=NOW)

    assert again == first
    assert balance(member, at=NOW) == 300


@pytest.mark.django_db
def test_spend_refuses_more_than_there_is():
    member = make_member(balance=199)

    with pytest.raises(NotEnoughPoints) as refused:
        spend(member, points=200, reference="reward:7", at=NOW)

    assert refused.value.details == {"balance": 199}
    assert balance(member, at=NOW) == 199
    spend(member, points=199, reference="reward:8", at=NOW)
    assert balance(member, at=NOW) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("points", [0, -1])
def test_spend_refuses_to_spend_nothing(points):
    with pytest.raises(NothingToMove):
        spend(make_member(balance=100), points=points, reference="reward:7", at=NOW)


@pytest.mark.django_db
def test_a_reference_is_one_members():
    spend(make_member(balance=100), points=10, reference="reward:7", at=NOW)

    with pytest.raises(ReferenceTaken):
        spend(make_member(balance=100), points=10, reference="reward:7", at=NOW)


@pytest.mark.django_db
def test_points_that_expired_cannot_be_spent_though_the_night_has_not_come():
    member = make_member(balance=100)
    later = NOW + YEAR

    with pytest.raises(NotEnoughPoints):
        spend(member, points=1, reference="reward:7", at=later)


@pytest.mark.django_db
def test_expire_takes_what_is_left_of_overdue_lots_once():
    member = make_member(balance=100, at=NOW - YEAR)
    give(member, 50, at=NOW)
    spend(member, points=30, reference="reward:7", at=NOW - YEAR)

    assert expire(at=NOW) == member.pk
    assert expire(at=NOW) is None

    assert balance(member, at=NOW) == member.account.balance == 50
    expired = Event.objects.get(kind="loyalty.points_expired")
    assert expired.data == {"points": 70}
    assert expired.occurred_at == member.lots.earliest("pk").expires_at
    assert faults() == []


@pytest.mark.django_db
def test_expire_passes_over_a_lot_that_it_cannot_take_and_the_proof_names_it():
    stuck, other = make_member(balance=100, at=NOW - YEAR), make_member(balance=7, at=NOW - YEAR)
    expire(at=NOW)
    lot = stuck.lots.get()
    Lot.objects.update(remaining=F("points"))

    reached = [expire(at=NOW), expire(at=NOW, after=other.pk)]

    assert reached == [other.pk, None]
    assert f"lot {lot.pk} has expired and holds 100 again" in faults()


@pytest.mark.django_db
def test_adjust_gives_points_with_a_reason_and_a_name():
    member, agent = make_member(), make_user()

    given = adjust(member, points=50, reason="Broken jar", reference="form:1", at=NOW, by=agent)
    again = adjust(member, points=50, reason="Broken jar", reference="form:1", at=NOW, by=agent)

    assert again == given
    assert given.note == "Broken jar"
    assert balance(member, at=NOW) == 50
    audited = AuditEntry.objects.get(action="loyalty.points_adjusted")
    assert (audited.actor, audited.subject_id, audited.reason) == (agent, member.pk, "Broken jar")


@pytest.mark.django_db
def test_adjust_takes_points_but_no_more_than_there_are():
    member, agent = make_member(balance=50), make_user()

    adjust(member, points=-20, reason="Mistake", reference="form:1", at=NOW, by=agent)
    with pytest.raises(NotEnoughPoints):
        adjust(member, points=-31, reason="Mistake", reference="form:2", at=NOW, by=agent)

    assert balance(member, at=NOW) == 30
    assert faults() == []


def test_tills_that_spend_at_once_take_turns(real_db):
    member = make_member(balance=500)

    spent = at_once(
        *(
            lambda till=till: spend(member, points=200, reference=f"till:{till}", at=NOW)
            for till in range(8)
        )
    )

    refused = [answer for answer in spent if isinstance(answer, NotEnoughPoints)]
    assert len(refused) == 6
    assert balance(member, at=NOW) == 100
    assert faults() == []


def test_a_till_that_asks_twice_at_once_spends_once(real_db):
    member = make_member(balance=500)

    answers = at_once(*[lambda: spend(member, points=200, reference="till:1", at=NOW)] * 4)

    assert len(set(answers)) == 1
    assert balance(member, at=NOW) == 300
