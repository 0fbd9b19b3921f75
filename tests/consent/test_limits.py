from datetime import timedelta

import pytest

from consent.models import Tally
from consent.operations.limits import Limit, TooOften, count_once, forget_tallies
from tests.factories import NOW

pytestmark = pytest.mark.django_db

TWICE_AN_HOUR = Limit("tests", 2, timedelta(hours=1))
LATER = NOW + timedelta(minutes=59)


def test_limit_lets_so_many_through_and_no_more():
    count_once(TWICE_AN_HOUR, who="ana", at=NOW)
    count_once(TWICE_AN_HOUR, who="ana", at=LATER)

    with pytest.raises(TooOften):
        count_once(TWICE_AN_HOUR, who="ana", at=LATER)

    count_once(TWICE_AN_HOUR, who="bia", at=LATER)
    count_once(Limit("another", 1, timedelta(hours=1)), who="ana", at=LATER)


def test_limit_begins_anew_when_its_while_is_over():
    for _ in range(2):
        count_once(TWICE_AN_HOUR, who="ana", at=NOW)

    count_once(TWICE_AN_HOUR, who="ana", at=NOW + timedelta(hours=1))

    assert Tally.objects.get().count == 1


def test_tallies_are_forgotten_and_say_nothing_of_whose_they_are():
    count_once(TWICE_AN_HOUR, who="ana@mail.example", at=NOW)
    assert b"ana" not in bytes(Tally.objects.get().who_hash)

    assert forget_tallies(at=NOW + timedelta(days=1)) == 0
    assert forget_tallies(at=NOW + timedelta(days=3)) == 1
