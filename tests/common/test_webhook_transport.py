"""Over real sockets, against a server that may mean harm."""

import ssl
import time
from dataclasses import replace
from ipaddress import ip_network

import pytest

from common.enums import PostOutcome
from common.webhook_transport import LARGEST_ANSWER, WebhookTransport
from tests.receivers import answer, certificate_for, receiver

HEADERS = {"Content-Type": "application/json"}


def post(there, url="", **facts):
    """Post as the program does; the only host names known are on this machine."""
    facts = {"egress": there.egress, "resolve": lambda *_: ["127.0.0.1"], **facts}
    return WebhookTransport(**facts).post(url or there.url, body=b"{}", headers=HEADERS)


def test_a_post_arrives_as_it_was_meant():
    with receiver() as there:
        found = post(there, there.at("shop.example", "/hooks?shop=1"))

    (taken,) = there.taken
    assert (found.outcome, found.status) == (PostOutcome.TAKEN, 204)
    assert (taken.path, taken.body) == ("/hooks?shop=1", b"{}")
    assert taken.headers["host"] == f"shop.example:{there.port}"
    assert taken.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, PostOutcome.TAKEN),
        (400, PostOutcome.REFUSED),
        (410, PostOutcome.GONE),
        (500, PostOutcome.REFUSED),
    ],
)
def test_the_status_decides(status, outcome):
    with receiver(answer(status, Content_Length="0")) as there:
        found = post(there)

    assert (found.outcome, found.status) == (outcome, status)


def test_a_busy_receiver_says_when_to_come_back():
    with receiver(answer(429, Retry_After="120", Content_Length="0")) as there:
        assert post(there).retry_after == 120


def test_a_redirect_is_not_followed():
    with receiver() as inner, receiver(answer(302, Location=inner.url)) as there:
        found = post(there)

    assert found.outcome == PostOutcome.REDIRECTED
    assert inner.taken == []


def test_an_inner_address_is_never_connected_to():
    with receiver() as there:
        closed = replace(there.egress, inner=())
        found = post(there, there.at("shop.example"), egress=closed)

    assert found.outcome == PostOutcome.UNSAFE
    assert there.taken == []


def test_a_host_that_moves_inside_after_it_was_judged_is_asked_only_once():
    """DNS rebinding: the first answer is open, every other leads to where the door is."""
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return ["127.9.9.9"] if len(asked) == 1 else ["127.0.0.1"]

    with receiver() as there:
        open_only = replace(there.egress, inner=(ip_network("127.9.9.9/32"),))
        found = post(there, there.at("evil.example"), resolve=rebinding, egress=open_only)

    assert asked == ["evil.example"]
    assert found.outcome == PostOutcome.UNREACHABLE
    assert there.taken == []


def test_what_the_environment_says_of_proxies_is_not_trusted(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with receiver() as there:
        assert post(there).taken


def test_the_next_address_is_tried_when_the_first_is_dead():
    with receiver() as there:
        found = post(
            there, there.at("shop.example"), resolve=lambda *_: ["127.9.9.9", "127.0.0.1"]
        )

    assert found.taken


def drip(door):
    """Answer one byte at a time, each long before any time-out of a socket."""
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000:
        door.wfile.write(bytes([byte]))
        door.wfile.flush()
        time.sleep(0.05)


def test_a_server_that_drips_is_left_at_the_deadline():
    with receiver(drip) as there:
        found = post(there, total_seconds=0.4)

    assert found.outcome == PostOutcome.TOO_SLOW
    # To its end the answer would take minutes.
    assert 0.3 < found.seconds < 10


def test_a_server_that_says_nothing_is_left_at_the_deadline():
    with receiver(lambda _door: time.sleep(1)) as there:
        found = post(there, total_seconds=0.2)

    assert (found.outcome, found.status) == (PostOutcome.TOO_SLOW, None)


def test_of_a_huge_answer_only_the_beginning_is_read():
    written = 0

    def talk(door):
        nonlocal written
        answer(200, Content_Length=str(1 << 30))(door)
        for _ in range(1 << 10):
            written += door.wfile.write(b"x" * (1 << 20))

    with receiver(talk) as there:
        found = post(there)

    # What the network holds by itself is a few times as much as we read.
    assert found.taken
    assert written < LARGEST_ANSWER + (64 << 20)


def test_a_header_without_end_is_no_answer():
    def talk(door):
        door.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * (1 << 20))

    with receiver(talk) as there:
        assert post(there).outcome == PostOutcome.NO_ANSWER


def test_what_is_not_http_is_no_answer():
    def talk(door):
        door.wfile.write(b"220 smtp.example ESMTP\r\n")

    with receiver(talk) as there:
        assert post(there).outcome == PostOutcome.NO_ANSWER


def test_nobody_there_is_said():
    with receiver() as there:
        pass

    assert post(there).outcome == PostOutcome.UNREACHABLE


def test_a_host_that_nobody_knows_is_said():
    transport = WebhookTransport()

    found = transport.post("https://nowhere.invalid/", body=b"", headers={})

    assert found.outcome == PostOutcome.UNKNOWN_HOST


def tls_of(file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_the_certificate_is_that_of_the_host_though_its_number_is_connected_to(tmp_path):
    file = certificate_for("shop.example", folder=tmp_path)
    trusting = ssl.create_default_context(cafile=file)

    with receiver(tls=tls_of(file)) as there:
        good = post(there, there.at("shop.example"), tls=lambda: trusting)
        other = post(there, there.at("other.example"), tls=lambda: trusting)
        unknown = post(there, there.at("shop.example"))

    assert good.taken
    assert other.outcome == unknown.outcome == PostOutcome.NOT_TRUSTED
