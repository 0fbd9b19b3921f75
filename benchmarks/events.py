"""Events over HTTP, against COPY of the same rows and against what one writes first."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from time import perf_counter

import psycopg
from django.conf import settings
from django.db import connection

from benchmarks.race import Result
from common.embedded.sockets import free_port
from common.enums import Scope
from common.models import ApiKey

CUSTOMERS = 10_000
SESSIONS = 2
ROUNDS = 3
MOMENT = "2026-01-01T12:00:00+00:00"
DETAILS = {"page": "/grocery/coffee/dark-roast-250g?from=search"}
COPY = (
    "COPY customers_event"
    " (kind, customer_id, occurred_at, recorded_at, data, reference, historic) FROM STDIN"
)
FILL = """
INSERT INTO customers_customer (
    external_id, email, phone, first_name, last_name, gender, language, timezone, country, state,
    city, postal_code, stage, interests, attributes, registered_at, created_at, updated_at
)
SELECT 'b-' || n, '', '', 'Ana', 'Souza', '', '', '', 'BR', '', '', '', 'customer', '{}', '{}',
       now(), now(), now()
FROM generate_series(0, %(customers)s - 1) AS n;
INSERT INTO consent_permission (purpose_id, customer_id, data_browsing, changed_at)
SELECT 'marketing', id, true, now() FROM customers_customer;
ANALYZE;
"""

_number = count()


def run() -> Iterator[Result]:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"customers": CUSTOMERS})
        cursor.execute("SELECT external_id, id FROM customers_customer")
        people = dict(cursor.fetchall())
    with _server() as port:
        for size, batches in ((500, 60), (50, 200)):
            ours, limit = _medians(
                lambda: _events(size, batches),  # noqa: B023 -- called before the next size
                lambda told: _post(port, "/api/v1/events", told),
                lambda told: _copy(told, people),
            )
            yield _result(f"events a second, HTTP, batches of {size}", ours, "COPY", limit)
        ours, plain = _medians(
            lambda: _events(500, 12),
            lambda told: _post(port, "/api/v1/events", told),
            lambda told: _post(port, "/plain", told),
        )
        yield _result("events a second, HTTP, batches of 500", ours, "plain DRF endpoint", plain)
        ours, empty = _medians(
            lambda: _events(1, 1500),
            lambda told: _post(port, "/api/v1/events", told),
            lambda told: _post(port, "/empty", told),
        )
        yield _result("single events a second, HTTP", ours, "an empty Django view", empty)


Told = list[list[dict[str, object]]]


def _events(size: int, batches: int) -> Told:
    return [
        [
            {
                "kind": "customers.page_viewed",
                "customer": f"b-{(number := next(_number)) % CUSTOMERS}",
                "reference": f"view-{number}",
                "occurred_at": MOMENT,
                "data": DETAILS,
            }
            for _ in range(size)
        ]
        for _ in range(batches)
    ]


def _medians(
    make: Callable[[], Told], ours: Callable[[Told], float], theirs: Callable[[Told], float]
) -> tuple[float, float]:
    """Return events a second of both, in turns, after one turn that does not count."""
    rates = []
    for _ in range(ROUNDS + 1):
        first, second = make(), make()
        events = sum(map(len, first))
        rates.append((events / ours(first), events / theirs(second)))
    return statistics.median(r[0] for r in rates[1:]), statistics.median(r[1] for r in rates[1:])


def _post(port: int, address: str, told: Told) -> float:
    bodies = [json.dumps({"events": events}).encode() for events in told]

    def session(mine: Sequence[bytes]) -> None:
        client = HTTPConnection("127.0.0.1", port)
        for body in mine:
            client.request("POST", address, body, HEADERS)
            answer = client.getresponse()
            said = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{address}: {answer.status} {said[:300]!r}")

    return _together(session, bodies)


def _copy(told: Told, people: dict[str, int]) -> float:
    details = json.dumps(DETAILS)
    texts = [
        "".join(
            f"{event['kind']}\t{people[str(event['customer'])]}\t{MOMENT}\t{MOMENT}\t{details}\t"
            # As long as the references that we write.
            f"api:0123456789:{event['reference']!s:0>32}\tf\n"
            for event in events
        ).encode()
        for events in told
    ]

    def session(mine: Sequence[bytes]) -> None:
        with psycopg.connect(
            host=str(settings.EMBEDDED_POSTGRES.sockets),
            user="postgres",
            dbname=settings.DATABASES["default"]["NAME"],
            autocommit=True,
        ) as sql:
            for text in mine:
                with sql.cursor().copy(COPY) as copy:
                    copy.write(text)

    return _together(session, texts)


def _together(session: Callable[[Sequence[bytes]], None], work: Sequence[bytes]) -> float:
    """Share the work between the sessions and return the seconds until all is done."""
    with ThreadPoolExecutor(SESSIONS) as threads:
        began = perf_counter()
        list(threads.map(session, [work[part::SESSIONS] for part in range(SESSIONS)]))
        return perf_counter() - began


HEADERS: dict[str, str] = {"Content-Type": "application/json"}


@contextmanager
def _server() -> Iterator[int]:
    """Serve the program as ``manage.py up`` does, with the peers beside it."""
    key = ApiKey(name="bench", scopes=[Scope.WRITE_CUSTOMERS], requests_per_minute=100_000_000)
    HEADERS["Authorization"] = f"Bearer {key.renew_secret()}"
    key.save()
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(SESSIONS)),
        *("--blocking-threads", "4", "--log-level", "warning"),
    ]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    with subprocess.Popen(command, env=environment) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            client = HTTPConnection("127.0.0.1", port)
            client.request("POST", "/empty", b"{}", HEADERS)
            if client.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def _result(name: str, ours: float, against: str, theirs: float) -> Result:
    return Result(name, round(ours), "a s", against, round(theirs))
