import pytest

from common import throttling
from common.enums import Scope
from common.throttling import admit, take_share
from tests.api import client_with
from tests.factories import make_api_key
from tests.races import at_once

MINUTE = 29_000_000


def forget() -> None:
    """Be another process."""
    throttling._allowances.clear()


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [0, 1, 7, 250])
def test_key_is_admitted_as_often_as_it_may(limit):
    key, _ = make_api_key(requests_per_minute=limit)

    admitted = [admit(key, minute=MINUTE) for _ in range(limit + 3)]

    assert admitted == [True] * limit + [False] * 3


@pytest.mark.django_db
def test_next_minute_begins_anew():
    key, _ = make_api_key(requests_per_minute=1)
    assert admit(key, minute=MINUTE)
    assert not admit(key, minute=MINUTE)

    assert admit(key, minute=MINUTE + 1)


@pytest.mark.django_db
def test_two_processes_share_the_limit():
    key, _ = make_api_key(requests_per_minute=3)
    assert admit(key, minute=MINUTE)
    forget()

    admitted = [admit(key, minute=MINUTE) for _ in range(3)]

    assert admitted == [True, True, False]


@pytest.mark.django_db
def test_host_whose_clock_is_behind_does_not_begin_the_minute_again():
    key, _ = make_api_key(requests_per_minute=1)
    assert admit(key, minute=MINUTE)
    forget()

    assert not admit(key, minute=MINUTE - 1)


@pytest.mark.django_db
def test_hundred_requests_write_once(django_assert_num_queries):
    key, _ = make_api_key(requests_per_minute=10_000)

    with django_assert_num_queries(1):
        admitted = [admit(key, minute=MINUTE) for _ in range(100)]

    assert all(admitted)


@pytest.mark.django_db
@pytest.mark.urls("tests.common.shop")
def test_too_many_requests_are_told_when_to_come_back():
    _, credential = make_api_key(Scope.READ_CUSTOMERS, requests_per_minute=2)
    client = client_with(credential)

    # However the clock stands, ten tries see two minutes at most, which let four through.
    answers = [client.get("/api/v1/read") for _ in range(10)]

    refused = answers[-1]
    assert refused.status_code == 429
    assert refused.json()["code"] == "throttled"
    assert 1 <= int(refused["Retry-After"]) <= 60


def test_many_threads_never_get_more_than_the_limit(real_db):
    key, _ = make_api_key(requests_per_minute=30)

    admitted = at_once(*[lambda: [admit(key, minute=MINUTE) for _ in range(5)]] * 10)

    assert sum(map(sum, admitted)) == 30


def test_many_processes_never_take_more_than_the_limit(real_db):
    key, _ = make_api_key(requests_per_minute=250)

    taken = at_once(*[lambda: [take_share(key, minute=MINUTE) for _ in range(20)]] * 10)

    assert sum(map(sum, taken)) == 250
