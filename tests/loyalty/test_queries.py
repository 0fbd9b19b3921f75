from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from loyalty.models import Account, Lot
from loyalty.operations.orders import settle
from loyalty.queries import faults, summary
from tests.factories import NOW, make_order
from tests.loyalty.factories import give, make_member

pytestmark = pytest.mark.django_db


def test_summary_tells_what_lacks_for_the_next_tier():
    member = make_member()
    settle([make_order(member.customer, total="380.50").pk], at=NOW)
    member.refresh_from_db()

    found = summary(member, at=NOW)

    assert (found.balance, found.spend) == (380, Decimal("380.50"))
    assert found.next_tier
    assert found.next_tier.name == "Prata"
    assert found.missing == Decimal("119.50")
    assert [lot.remaining for lot in found.expiring] == [380]


def test_summary_at_the_top_lacks_nothing():
    member = make_member()
    settle([make_order(member.customer, total="2000.00").pk], at=NOW)
    member.refresh_from_db()

    found = summary(member, at=NOW)

    assert (found.next_tier, found.missing) == (None, Decimal(0))


def test_summary_leaves_out_what_expired():
    member = make_member(balance=70, at=NOW - timedelta(days=400))
    give(member, 30, at=NOW)

    found = summary(member, at=NOW)

    assert (found.balance, len(found.expiring)) == (30, 1)


def test_a_sound_ledger_is_proved(capsys):
    make_member(balance=70)

    call_command("prove_ledger")

    assert "The ledger holds." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda: Account.objects.exclude(member=None).update(balance=71), "account"),
        (lambda: Lot.objects.update(remaining=69), "lot"),
        (lambda: Lot.objects.update(remaining=69), "member"),
    ],
)
def test_a_damaged_ledger_fails_its_proof(damage, fault):
    make_member(balance=70)
    damage()

    with pytest.raises(CommandError):
        call_command("prove_ledger")

    assert any(found.startswith(fault) for found in faults())
