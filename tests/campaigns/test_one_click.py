"""RFC 8058 on the wire: what a mailbox provider sends, and what it gets."""

import socket
from urllib.parse import urlsplit

from campaigns.queries.tokens import unsubscribe_url
from consent.enums import Act
from consent.models import ConsentEvent
from tests.factories import allow, make_customer, make_launched

BODY = b"List-Unsubscribe=One-Click"


def test_one_click_reaches_a_real_server_without_a_redirect(site):
    """As a provider sends it: no cookie, no referrer, no session, and no slash at the end."""
    message = make_launched(allow(make_customer())).messages.get()
    host, port = urlsplit(site).hostname, urlsplit(site).port
    asked = (
        f"POST {urlsplit(unsubscribe_url(message.pk)).path} HTTP/1.1\r\n"
        f"Host: {host}\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    ).encode() + BODY

    with socket.create_connection((host, port), timeout=10) as line:
        line.sendall(asked)
        answer = line.makefile("rb").read()

    status, *headers = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    names = {header.partition(":")[0].lower() for header in headers}
    assert status.split()[1] == "200"
    assert not names & {"location", "set-cookie", "www-authenticate"}
    assert ConsentEvent.objects.get(act=Act.WITHDRAWN).customer == message.customer
