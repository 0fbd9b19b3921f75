"""Permissions of two records that are one person: the stricter answer stands."""

from datetime import timedelta

import pytest

from consent.enums import Act, Channel
from consent.models import ConsentEvent, Permission, Purpose
from consent.queries.predicate import contactable
from consent.rules import strictest
from customers.enums import Category
from customers.models import Customer
from customers.operations.merges import merge, unmerge
from tests.factories import NOW, allow, make_choice, make_customer

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
YES, NO = Act.GIVEN, Act.WITHDRAWN


def answer(customer, purpose="marketing"):
    permission = Permission.objects.filter(customer=customer, purpose=purpose).first()
    return permission and permission.channel_email


def choose(customer, *acts, at=NOW, purpose="marketing"):
    for act in acts:
        make_choice(
            customer, act=act, channels=[Channel.EMAIL], purpose=purpose, occurred_at=at, at=at
        )


@pytest.mark.parametrize(
    ("mine", "others", "together"),
    [
        (True, True, True),
        (True, None, True),
        (None, True, True),
        (None, None, None),
        (False, None, False),
        (None, False, False),
        (True, False, False),
        (False, True, False),
        (False, False, False),
    ],
)
def test_a_no_stands_and_silence_is_no_answer(mine, others, together):
    assert strictest(mine, others) is together


@pytest.mark.parametrize("refuser", ["survivor", "loser"])
@pytest.mark.parametrize("minutes_later", [-1, 1])
def test_a_no_of_either_outdoes_a_yes_of_the_other_however_new(refuser, minutes_later):
    ana, twin = make_customer(), make_customer()
    no, yes = (ana, twin) if refuser == "survivor" else (twin, ana)
    answers = [(no, NO, NOW), (yes, YES, NOW + timedelta(minutes=minutes_later))]
    for person, act, at in sorted(answers, key=lambda it: it[2]):
        choose(person, act, at=at)
    before = answer(ana), answer(twin)

    record = merge(ana, twin, by=None, at=LATER)
    together = answer(ana)
    unmerge(record, by=None, at=LATER)

    assert together is False
    assert (answer(ana), answer(twin)) == before
    assert before == ((False, True) if refuser == "survivor" else (True, False))


def test_what_only_one_allowed_is_allowed_and_the_other_record_is_nobody():
    ana, twin = make_customer(), make_customer()
    allow(twin)

    merge(ana, twin, by=None, at=LATER)

    marketing = Purpose.objects.get(pk="marketing")
    found = contactable(
        Customer.objects.all(),
        purpose=marketing,
        channel=Channel.EMAIL,
        using=[Category.PURCHASE],
        at=LATER,
    )
    assert list(found) == [ana]
    assert not Permission.objects.filter(customer=twin).exists()


def test_a_no_said_again_names_its_reason_and_can_be_outdone_by_the_person():
    ana, twin = make_customer(), make_customer()
    choose(ana, YES)
    choose(twin, NO)
    merge(ana, twin, by=None, at=LATER)

    said = ConsentEvent.objects.latest("pk")
    assert (said.customer, said.act, said.collection_point_id) == (ana, Act.WITHDRAWN, "merge")

    choose(ana, YES, at=LATER)
    assert answer(ana) is True


def test_a_yes_given_since_stays_with_the_survivor():
    ana, twin = make_customer(), make_customer()
    choose(twin, NO)
    record = merge(ana, twin, by=None, at=NOW)
    choose(ana, YES, at=LATER)

    unmerge(record, by=None, at=LATER)

    assert (answer(ana), answer(twin)) == (True, False)


@pytest.mark.parametrize("purpose", ["marketing", "transactional"])
def test_a_no_said_since_is_both_peoples(purpose):
    """Nobody knows which of the two withdrew."""
    ana, twin = make_customer(), make_customer()
    choose(twin, YES, purpose=purpose)
    record = merge(ana, twin, by=None, at=NOW)
    choose(ana, NO, at=LATER, purpose=purpose)

    unmerge(record, by=None, at=LATER + timedelta(hours=1))

    assert (answer(ana, purpose), answer(twin, purpose)) == (False, False)
