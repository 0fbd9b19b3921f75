"""Records that may be one person's."""

from datetime import date, timedelta

import pytest

from customers.models import Customer, DuplicateCandidate
from customers.operations.duplicates import MOST_ALIKE, dismiss, find_duplicates
from customers.operations.merges import merge, unmerge
from tests.factories import NOW, make_customer, make_user

pytestmark = pytest.mark.django_db

BORN = date(1990, 5, 1)
LATER = NOW + timedelta(days=1)


def found():
    return {
        (pair.first_id, pair.second_id): set(pair.reasons)
        for pair in DuplicateCandidate.objects.open()
    }


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({"tax_id": "52998224725"}, {"tax_id": "52998224725"}, "tax_id"),
        ({"email": "ana@mail.example"}, {"email": "ana@mail.example"}, "email"),
        ({"email": "ana@mail.example"}, {"email": "ana+shop@mail.example"}, "email"),
        ({"phone": "+5511987654321"}, {"phone": "+5511987654321"}, "phone"),
        # As it was kept before numbers got their ninth digit.
        ({"phone": "+5511987654321"}, {"phone": "+551187654321"}, "phone"),
        (
            {"first_name": "José", "birth_date": BORN},
            {"first_name": "jose", "birth_date": BORN},
            "name_and_birth",
        ),
        (
            {"last_name": "Conceição", "postal_code": "50030-230"},
            {"last_name": "Conceicão Lima", "postal_code": "50030-230"},
            "name_and_place",
        ),
    ],
)
def test_what_two_records_share_is_the_reason(one, other, reason):
    ana, twin = make_customer(**one), make_customer(**other)
    make_customer(first_name="Renata", last_name="Silva", postal_code="50030-230")

    assert find_duplicates(at=NOW) == 1
    assert found() == {(ana.pk, twin.pk): {reason}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),  # the same name alone
        ({"birth_date": BORN, "first_name": ""}, {"birth_date": BORN, "first_name": ""}),
        ({"postal_code": "50030-230", "first_name": "Eva"}, {"postal_code": "50030-230"}),
        ({"phone": "+551132654321"}, {"phone": "+5511932654321"}),  # a line of the house
    ],
)
def test_what_many_share_is_none(one, other):
    make_customer(**one)
    make_customer(**other)

    assert find_duplicates(at=NOW) == 0


def test_several_reasons_are_one_pair_and_weigh_more():
    ana = make_customer(tax_id="52998224725", phone="+5511987654321")
    twin = make_customer(tax_id="52998224725", phone="+5511987654321")
    third = make_customer(phone="+5511987654321", first_name="Bia")
    find_duplicates(at=NOW)

    assert found() == {
        (ana.pk, twin.pk): {"phone", "tax_id"},
        (ana.pk, third.pk): {"phone"},
        (twin.pk, third.pk): {"phone"},
    }
    assert DuplicateCandidate.objects.order_by("-score")[0].second == twin


def test_what_too_many_share_says_nothing():
    """A phone of 5,000 records would be twelve million pairs."""
    for number in range(MOST_ALIKE + 1):
        make_customer(phone="+551132654321", first_name=f"Person{number}")

    assert find_duplicates(at=NOW) == 0


def test_two_people_stay_two_and_what_is_mended_is_not_listed_any_more():
    ana, twin = make_customer(phone="+5511987654321"), make_customer(phone="+5511987654321")
    third = make_customer(email=ana.email)
    find_duplicates(at=NOW)
    pair = DuplicateCandidate.objects.get(second=twin)
    dismiss(pair, by=make_user(), at=NOW)
    Customer.objects.filter(pk=third.pk).update(email="other@mail.example")

    assert find_duplicates(at=LATER) == 0
    assert dismiss(pair, by=make_user(), at=LATER).decided_at == NOW
    assert DuplicateCandidate.objects.get() == pair


def test_a_merged_pair_is_decided_and_waits_again_after_an_undo():
    ana, twin = make_customer(phone="+5511987654321"), make_customer(phone="+5511987654321")
    find_duplicates(at=NOW)

    record = merge(twin, ana, by=None, at=NOW)
    assert find_duplicates(at=NOW) == 0
    unmerge(record, by=None, at=LATER)

    assert found() == {(ana.pk, twin.pk): {"phone"}}
