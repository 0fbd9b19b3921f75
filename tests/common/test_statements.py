import pytest
from django.db import connection

from common.models import ApiKey
from common.statements import Statement, each_given, given, prepared
from tests.factories import NOW, make_api_key
from tests.races import at_once

BY_NAME = Statement(
    lambda: (
        ApiKey.objects.usable(at=given("at", "timestamptz"))
        .filter(name__in=each_given("names", "text"))
        .order_by("name")
        .values_list("name")
    )
)


def names(*wanted: str) -> list[str]:
    return [name for (name,) in BY_NAME.rows(names=list(wanted), at=NOW)]


@pytest.mark.django_db
def test_a_statement_is_told_its_values_at_each_use():
    for name in ("till 1", "till 2"):
        make_api_key(name=name)

    assert names("till 1") == ["till 1"]
    assert names("till 2", "till 1", "till 9") == ["till 1", "till 2"]
    assert names() == []


@pytest.mark.django_db
def test_a_statement_sees_what_the_transaction_wrote():
    key, _ = make_api_key(name="till 1")
    assert names("till 1") == ["till 1"]

    ApiKey.objects.filter(pk=key.pk).update(revoked_at=NOW)

    assert names("till 1") == []


@pytest.mark.django_db
def test_a_statement_is_planned_once():
    for _ in range(3):
        names("till 1")

    with prepared() as cursor:
        kept = cursor.execute(
            "SELECT custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE '%revoked_at%unnest%'"
        ).fetchall()
    # One for each type of value: an empty list has another.
    assert set(kept) == {(0,)}


def test_a_connection_that_the_server_ended_is_renewed(real_db):
    def ended_between_requests() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (backend,) = cursor.fetchone()
        at_once(lambda: _end(backend))
        # As at the start of a request.
        connection.close_if_unusable_or_obsolete()
        return names("till 1")

    assert at_once(ended_between_requests) == [[]]


def _end(backend: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
