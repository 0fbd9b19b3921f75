from datetime import UTC, datetime

import pytest

from loyalty.models import Account
from loyalty.tasks import close_day, go_on_closing_days
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_the_night_expires_points_and_sets_tiers():
    member = make_member(balance=70, at=LONG_AGO)

    close_day()
    go_on_closing_days()

    member.refresh_from_db()
    assert (member.account.balance, str(member.tier)) == (0, "Bronze")


def test_the_night_reports_a_ledger_that_does_not_hold(caplog):
    make_member(balance=70)
    Account.objects.exclude(member=None).update(balance=71)

    close_day()
    go_on_closing_days()

    assert "ledger_fault" in caplog.text
