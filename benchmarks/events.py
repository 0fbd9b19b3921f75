"""Events over HTTP, against COPY of the same rows and against what one writes first.

Requests and COPY go through as many connections as the server has threads. The requests are
bytes made beforehand and sent by bare sockets; how many an empty view takes of the very same says
that neither they nor the server's HTTP are what holds the events up.
"""

import json
import os
import re
import socket
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
from common.keys import keyed_hasher
from common.models import ApiKey

CUSTOMERS = 10_000
WORKERS, THREADS = 2, 2
SESSIONS = WORKERS * THREADS
ROUNDS = 5
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

Told = list[list[dict[str, object]]]


def run() -> Iterator[Result]:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"customers": CUSTOMERS})
        cursor.execute("SELECT external_id, id FROM customers_customer")
        people = dict(cursor.fetchall())
    with _server() as port:

        def told_to(address: str) -> Callable[[Told], float]:
            return lambda told: _post(port, address, told)

        ours, empty = told_to("/api/v1/events"), told_to("/empty")
        for size, batches in ((500, 60), (50, 300)):
            rate, copy, unread = _rates(
                size, batches, ours, lambda told: _copy(told, people), empty
            )
            name = f"events a second, HTTP, batches of {size}"
            yield Result(name, rate, "a s", "COPY", copy)
            yield Result(name, rate, "a s", "the same bytes unread", unread)
        rate, plain = _rates(500, 8, ours, told_to("/plain"), rounds=1)
        yield Result("events a second, HTTP, batches of 500", rate, "a s", "plain DRF", plain)
        rate, unread = _rates(1, 1500, ours, empty)
        yield Result("single events a second, HTTP", rate, "a s", "an empty Django view", unread)


def _rates(
    size: int, batches: int, *ways: Callable[[Told], float], rounds: int = ROUNDS
) -> list[int]:
    """Return events a second of each way, in turns, after one turn that does not count."""
    turns = [
        [size * batches / way(_events(size, batches)) for way in ways] for _ in range(rounds + 1)
    ]
    return [round(statistics.median(rates)) for rates in zip(*turns[1:], strict=True)]


def _events(size: int, batches: int) -> Told:
    return [[_event(next(_number)) for _ in range(size)] for _ in range(batches)]


def _event(number: int) -> dict[str, object]:
    return {
        "kind": "customers.page_viewed",
        "customer": f"b-{number % CUSTOMERS}",
        "reference": f"view-{number}",
        "occurred_at": MOMENT,
        "data": DETAILS,
    }


def _post(port: int, address: str, told: Told) -> float:
    requests = [_request(address, events) for events in told]

    def session(mine: Sequence[bytes]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as wire:
            for request in mine:
                wire.sendall(request)
                answer = _answer(wire)
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(f"{address}: {answer[:600]!r}")

    return _together(session, requests)


def _request(address: str, events: list[dict[str, object]]) -> bytes:
    body = json.dumps({"events": events}).encode()
    headers = {"Host": "127.0.0.1", "Content-Length": len(body), **HEADERS}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"POST {address} HTTP/1.1", *lines, "", ""]).encode() + body


def _answer(wire: socket.socket) -> bytes:
    answer = wire.recv(65536)
    while b"\r\n\r\n" not in answer:
        answer += _more(wire)
    head, _, body = answer.partition(b"\r\n\r\n")
    (length,) = re.findall(rb"(?i)content-length: (\d+)", head)
    while len(body) < int(length):
        body += _more(wire)
    return head + body


def _more(wire: socket.socket) -> bytes:
    part = wire.recv(65536)
    if not part:
        raise RuntimeError("the server hung up")
    return part


def _copy(told: Told, people: dict[str, int]) -> float:
    hashed = keyed_hasher("event")
    details = json.dumps(DETAILS)
    texts = [
        "".join(
            f"{event['kind']}\t{people[str(event['customer'])]}\t{MOMENT}\t{MOMENT}\t{details}\t"
            # The references that we would write: their order costs an index more than their count.
            f"copy:0123456789:{hashed(str(event['reference']))[:16].hex()}\tf\n"
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
    key = ApiKey(name="bench", scopes=[Scope.WRITE_CUSTOMERS], requests_per_minute=1_000_000)
    HEADERS["Authorization"] = f"Bearer {key.renew_secret()}"
    key.save()
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)),
        *("--blocking-threads", str(THREADS), "--log-level", "warning"),
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
