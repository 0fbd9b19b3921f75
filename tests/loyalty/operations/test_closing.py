from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from customers.models import Event
from loyalty.models import Closing, Member
from loyalty.operations.closing import begin_closing, go_on_closing
from loyalty.queries import faults
from tests.factories import NOW, make_order
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=400)


def close(*, limit: int = 2) -> None:
    while go_on_closing(at=NOW, limit=limit):
        pass


def standings() -> list[tuple[int | None, str]]:
    members = Member.objects.order_by("pk").select_related("tier", "account")
    return [(member.account.balance, str(member.tier)) for member in members]


@transaction.atomic
def go_on_and_die() -> None:
    go_on_closing(at=NOW, limit=1)
    raise SystemExit


def make_members() -> None:
    for spend in ("10.00", "500.00", "10.00", "500.00", "10.00"):
        member = make_member(balance=70, at=NOW - YEAR)
        make_order(member.customer, total=spend)


def test_a_day_is_closed_for_everybody_chunk_by_chunk():
    make_members()

    begin_closing(at=NOW)
    close()

    assert standings() == [(0, "Bronze"), (0, "Prata")] * 2 + [(0, "Bronze")]
    assert Closing.objects.get().finished_at == NOW
    assert faults() == []


def test_a_closing_that_died_goes_on_where_it_was_and_tells_everything_once():
    make_members()
    begin_closing(at=NOW)
    for _ in range(8):
        go_on_closing(at=NOW, limit=1)
        with pytest.raises(SystemExit):
            go_on_and_die()
    close()

    assert standings() == [(0, "Bronze"), (0, "Prata")] * 2 + [(0, "Bronze")]
    assert Event.objects.filter(kind="loyalty.points_expired").count() == 5
    assert Event.objects.filter(kind="loyalty.tier_reached").count() == 2


def test_a_day_is_the_shops_and_closed_once():
    # 02:30 UTC is still the evening before in São Paulo.
    for hour in (2, 4, 5):
        begin_closing(at=NOW.replace(hour=hour, minute=30))
        close()

    assert list(Closing.objects.order_by("day").values_list("day", "at")) == [
        (date(2026, 3, 1), NOW.replace(hour=2, minute=30)),
        (date(2026, 3, 2), NOW.replace(hour=4, minute=30)),
    ]


def test_a_night_on_which_nobody_moves_writes_no_member(django_assert_max_num_queries):
    make_members()
    begin_closing(at=NOW)
    close(limit=100)
    begin_closing(at=NOW + timedelta(days=1))
    go_on_closing(at=NOW, limit=100)  # nothing expires

    with django_assert_max_num_queries(8) as asked:
        go_on_closing(at=NOW, limit=100)

    assert [query["sql"] for query in asked if 'UPDATE "loyalty_member"' in query["sql"]] == []
    assert [query["sql"] for query in asked if "FOR NO KEY UPDATE" in query["sql"]] == []


def test_the_earliest_day_is_closed_first():
    begin_closing(at=NOW)
    begin_closing(at=NOW - timedelta(days=1))

    first: Closing | None = go_on_closing(at=NOW)

    assert first
    assert first.at == datetime.fromisoformat("2026-03-01T12:00:00+00:00")
