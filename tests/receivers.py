"""Somebody else's server: takes webhooks over real HTTP, and answers as the test wants."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from common.egress import Egress

LOOPBACK = ip_network("127.0.0.0/8")


@dataclass
class Taken:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body)


Behave = Callable[[BaseHTTPRequestHandler], None]


def answer(status: int, **headers: str) -> Behave:
    def behave(door: BaseHTTPRequestHandler) -> None:
        door.send_response(status)
        for name, value in headers.items():
            door.send_header(name.replace("_", "-"), value)
        door.end_headers()

    return behave


@dataclass
class Receiver:
    """``taken`` are the requests in the order in which they came."""

    port: int
    scheme: str = "http"
    behave: Behave = field(default_factory=lambda: answer(204))
    taken: list[Taken] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.at("127.0.0.1")

    def at(self, host: str, path: str = "/hooks") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def egress(self) -> Egress:
        """Let webhooks in: this port of this machine, and nothing else of it."""
        return Egress(frozenset({"http", "https"}), frozenset({self.port}), (LOOPBACK,))


@contextmanager
def receiver(behave: Behave | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[Any]:
    """Take requests until the block ends; without ``behave`` all are taken."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            there.taken.append(Taken(self.path, headers, body))
            there.behave(self)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

        def handle_error(self, *_: Any) -> None:
            """Whoever hangs up is no news."""

    server = Server(("127.0.0.1", 0), Door)
    there = Receiver(server.server_port)
    if behave:
        there.behave = behave
    if tls:
        there.scheme = "https"
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()


def certificate_for(host: str, *, folder: Path) -> Path:
    """Make a certificate that vouches for itself; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, SHA256())
    )
    file = folder / f"{host}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return file
