from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.enums import Act, Channel
from consent.models import ConsentEvent, Permission, ProofRun
from consent.operations.endings import expire
from consent.operations.proofs import prove
from consent.queries.proofs import chain_holds
from customers.enums import Category
from customers.operations.merges import merge, unmerge
from tests.factories import NOW, make_choice, make_customer

pytestmark = pytest.mark.django_db


def numbers(run: ProofRun) -> tuple[int, int, int, int]:
    return (
        run.permissions_checked,
        run.differences,
        run.choices_checked,
        run.chains_broken,
    )


def tamper(statement: str, *params: int) -> None:
    """Do what only somebody with the keys of the database can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE consent_consentevent DISABLE TRIGGER USER")
        cursor.execute(statement, params)
        cursor.execute("ALTER TABLE consent_consentevent ENABLE TRIGGER USER")


def test_what_people_chose_is_what_is_permitted():
    for _ in range(3):
        make_choice(make_customer(), channels=[Channel.EMAIL], categories=[Category.PURCHASE])

    run = prove(at=NOW, customers_at_once=2)

    assert (numbers(run), run.faults) == ((3, 0, 6, 0), 0)
    assert not any(run.details.values())
    assert run.finished_at


def test_a_permission_that_nobody_chose_is_found():
    ana, bia, caio = make_customer(), make_customer(), make_customer()
    for person in (ana, bia):
        make_choice(person, channels=[Channel.EMAIL])
    Permission.objects.filter(customer=ana).update(channel_sms=True)
    Permission.objects.filter(customer=bia).delete()
    Permission.objects.create(customer=caio, purpose_id="research", channel_email=True)

    run = prove(at=NOW)

    assert run.differences == 3
    assert sorted(run.details["permissions"]) == sorted(
        [[ana.pk, "marketing"], [bia.pk, "marketing"], [caio.pk, "research"]]
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_consentevent SET act = 'refused', notice_text_id = NULL WHERE id = %s",
        "UPDATE consent_consentevent SET occurred_at = now() WHERE id = %s",
        "UPDATE consent_consentevent SET notice_text_id = NULL, collection_version = NULL"
        " WHERE id = %s",
        "DELETE FROM consent_consentevent WHERE id = %s",
    ],
)
def test_a_choice_changed_behind_our_back_breaks_the_chain(statement):
    ana, bia = make_customer(), make_customer()
    for person in (ana, bia):
        make_choice(person, channels=[Channel.EMAIL, Channel.SMS, Channel.PUSH])
    second = ConsentEvent.objects.get(customer=ana, channel="sms")

    tamper(statement, second.pk)
    run = prove(at=NOW)

    assert (chain_holds(ana), chain_holds(bia)) == (False, True)
    assert (run.chains_broken, run.details["chains"]) == (1, [ana.pk])


def test_a_choice_taken_off_the_end_is_missed_by_the_permission():
    ana = make_customer()
    make_choice(ana, channels=[Channel.EMAIL])
    (last,) = make_choice(ana, channels=[Channel.EMAIL], act=Act.WITHDRAWN)

    tamper("DELETE FROM consent_consentevent WHERE id = %s", last.pk)

    assert prove(at=NOW).differences == 1


def test_chains_survive_a_merge_and_its_undo():
    ana, twin = make_customer(), make_customer()
    for person in (ana, twin):
        make_choice(person, channels=[Channel.EMAIL])

    merged = merge(ana, twin, by=None, at=NOW)
    make_choice(ana, channels=[Channel.SMS])
    assert (prove(at=NOW).faults, chain_holds(ana)) == (0, True)
    unmerge(merged, by=None, at=NOW)
    make_choice(twin, channels=[Channel.SMS])

    assert prove(at=NOW).faults == 0
    assert {chain_holds(person) for person in (ana, twin)} == {True}


acts = st.tuples(
    st.sampled_from([act for act in Act if act not in (Act.EXPIRED, Act.SUSPENDED)]),
    st.sampled_from([Channel.EMAIL, Channel.SMS]),
    st.integers(min_value=0, max_value=900),
)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(acts, max_size=8), st.integers(min_value=0, max_value=900))
def test_whatever_is_chosen_and_ends_can_be_proven(choices, days):
    ana = make_customer()
    for act, channel, days_ago in choices:
        make_choice(ana, act=act, channels=[channel], occurred_at=NOW - timedelta(days=days_ago))

    expire(at=NOW + timedelta(days=days))

    assert prove(at=NOW).faults == 0
