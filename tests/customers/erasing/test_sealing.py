"""What is sealed for a person can be read as long as they are there, and by nobody after."""

import pytest

from customers.models import PersonKey
from customers.operations.erasing import erase
from customers.operations.merges import merge, unmerge
from customers.operations.sealing import (
    KeyDestroyed,
    seal_for,
    sealer_for,
    unseal_for,
    unsealer_of,
)
from tests.factories import NOW, make_customer

pytestmark = pytest.mark.django_db


def leave(customer):
    return erase(customer, by=None, reason="Asked for it", at=NOW)


def test_a_sealed_text_is_read_again_and_says_nothing_by_itself():
    ana = make_customer()

    sealed = seal_for(ana, "Said yes by telephone", at=NOW)

    assert b"telephone" not in sealed
    assert unseal_for(ana, sealed) == "Said yes by telephone"
    assert seal_for(ana, "Said yes by telephone", at=NOW) != sealed


def test_a_person_has_one_key_made_when_first_needed():
    ana = make_customer()
    assert not PersonKey.objects.exists()

    seal_for(ana, "one", at=NOW)
    seal_for(ana, "two", at=NOW)

    assert PersonKey.objects.get().customer == ana


def test_what_was_sealed_for_another_is_not_read():
    ana, eva = make_customer(), make_customer()
    sealed = seal_for(ana, "secret", at=NOW)
    seal_for(eva, "else", at=NOW)

    assert unseal_for(eva, sealed) is None


def test_an_erasure_destroys_the_key():
    ana, eva = make_customer(), make_customer()
    of_ana, of_eva = (seal_for(person, "secret", at=NOW) for person in (ana, eva))

    leave(ana)

    assert (unseal_for(ana, of_ana), unseal_for(eva, of_eva)) == (None, "secret")
    assert PersonKey.objects.get().customer == eva


def test_nothing_is_sealed_for_the_erased():
    ana = make_customer()
    leave(ana)

    with pytest.raises(KeyDestroyed):
        seal_for(ana, "back again", at=NOW)

    assert not PersonKey.objects.exists()


def test_a_merged_person_reads_what_was_sealed_for_both_records():
    ana, twin = make_customer(), make_customer()
    of_ana, of_twin = seal_for(ana, "mine", at=NOW), seal_for(twin, "hers", at=NOW)

    record = merge(ana, twin, by=None, at=NOW)

    assert (unseal_for(ana, of_ana), unseal_for(ana, of_twin)) == ("mine", "hers")
    unmerge(record, by=None, at=NOW)
    assert (unseal_for(ana, of_twin), unseal_for(twin, of_twin)) == (None, "hers")


def test_erasing_a_merged_person_destroys_the_keys_of_all_records():
    ana, twin = make_customer(), make_customer()
    of_twin = seal_for(twin, "hers", at=NOW)
    merge(ana, twin, by=None, at=NOW)

    leave(ana)

    assert unseal_for(ana, of_twin) is None


def test_many_texts_are_sealed_and_read_with_a_few_queries(django_assert_num_queries):
    people = [make_customer().pk for _number in range(5)]

    with django_assert_num_queries(3):
        seal = sealer_for(people, at=NOW)
        sealed = [seal(person, f"text of {person}") for person in people]
    with django_assert_num_queries(1):
        unseal = unsealer_of(sealed)

    assert [unseal(each) for each in sealed] == [f"text of {person}" for person in people]
