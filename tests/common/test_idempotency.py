import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from common.enums import Scope
from common.idempotency import lock_number, purge
from common.models import AuditEntry, IdempotencyRecord
from common.tasks import purge_idempotency_records
from tests.api import api_client, client_with
from tests.factories import NOW, make_api_key
from tests.races import at_once

pytestmark = pytest.mark.urls("tests.common.shop")

BASKET = {"name": "ana", "items": [{"sku": "milk", "quantity": 2}]}


def sell(client, basket=BASKET, *, key: str | None = "k-1"):
    headers = {"Idempotency-Key": key} if key is not None else {}
    return client.post("/api/v1/sell", basket, headers=headers)


def sales() -> int:
    return AuditEntry.objects.filter(action="shop.sold").count()


@pytest.mark.django_db
def test_repeat_gets_the_first_answer_and_sells_nothing():
    client = api_client()
    first = sell(client)

    again = sell(client)

    assert again.json() == first.json()
    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert sales() == 1


@pytest.mark.django_db
def test_order_of_keys_in_the_body_does_not_matter():
    client = api_client()
    sell(client, {"name": "ana", "items": BASKET["items"]})

    again = sell(client, {"items": BASKET["items"], "name": "ana"})

    assert again.status_code == 201
    assert sales() == 1


@pytest.mark.django_db
def test_key_with_another_body_is_refused():
    client = api_client()
    sell(client)

    answer = sell(client, BASKET | {"name": "rui"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert sales() == 1


@pytest.mark.django_db
def test_another_key_sells_again():
    client = api_client()
    sell(client, key="k-1")

    sell(client, key="k-2")

    assert sales() == 2


@pytest.mark.django_db
def test_two_programs_may_use_the_same_key():
    sell(api_client())

    answer = sell(api_client())

    assert answer.status_code == 201
    assert sales() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("key", [None, "", "x" * 256, "a\x00b"])
def test_key_is_required_and_bounded(key):
    answer = sell(api_client(), key=key)

    assert answer.status_code == 422
    assert answer.json()["field"] == "Idempotency-Key"
    assert sales() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("basket", "status"),
    [
        (BASKET | {"items": []}, 201),
        (BASKET | {"items": [{"sku": "milk", "quantity": 0}]}, 422),
        (BASKET | {"name": "too late"}, 409),
        (BASKET | {"name": "broken"}, 500),
    ],
)
def test_only_what_had_an_effect_is_remembered(basket, status):
    answer = sell(api_client(), basket)

    assert answer.status_code == status
    assert sales() == IdempotencyRecord.objects.count() == (1 if status == 201 else 0)


@pytest.mark.django_db
def test_refused_request_may_be_mended_under_the_same_key():
    client = api_client()
    sell(client, BASKET | {"name": "too late"})

    assert sell(client).status_code == 201


def test_twenty_at_once_sell_once(real_db):
    _, credential = make_api_key(Scope.REDEEM)

    answers = at_once(*[lambda: sell(client_with(credential))] * 20)

    done = [answer for answer in answers if answer.status_code == 201]
    running = [answer for answer in answers if answer.status_code == 409]
    assert sales() == 1
    assert len({answer.json()["sale"] for answer in done}) == 1
    assert sum("Idempotency-Replayed" not in answer for answer in done) == 1
    assert len(done) + len(running) == 20


def test_request_that_still_runs_is_told_to_wait(real_db):
    key, credential = make_api_key(Scope.REDEEM)
    with running_request(lock_number(key, "k-1")):
        answer = sell(client_with(credential))

    assert answer.status_code == 409
    assert answer.json()["code"] == "still_running"
    assert answer["Retry-After"] == "1"
    assert sell(client_with(credential)).status_code == 201


class running_request:  # noqa: N801 -- reads as a state of the world
    """Another connection in the middle of the same request."""

    def __init__(self, lock: int) -> None:
        self.lock, self.began, self.may_end = lock, threading.Event(), threading.Event()

    def __enter__(self) -> None:
        self.thread = threading.Thread(target=self.work)
        self.thread.start()
        assert self.began.wait(10)

    def work(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [self.lock])
            self.began.set()
            self.may_end.wait(10)
        connection.close()

    def __exit__(self, *_: object) -> None:
        self.may_end.set()
        self.thread.join()


@pytest.mark.django_db
def test_answers_are_forgotten_after_three_days():
    key, _ = make_api_key()
    for hours in (71, 72, 73):
        IdempotencyRecord.objects.create(
            api_key=key,
            key=f"{hours} hours",
            request_hash=b"",
            created_at=NOW - timedelta(hours=hours),
        )

    assert purge(at=NOW) == 1

    kept = IdempotencyRecord.objects.order_by("key").values_list("key", flat=True)
    assert list(kept) == ["71 hours", "72 hours"]


@pytest.mark.django_db
def test_nightly_task_forgets_the_old():
    key, _ = make_api_key()
    IdempotencyRecord.objects.create(api_key=key, key="k", request_hash=b"", created_at=NOW)

    purge_idempotency_records()

    assert not IdempotencyRecord.objects.exists()
