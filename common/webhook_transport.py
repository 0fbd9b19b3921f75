"""One POST to an address that somebody else chose, and plain words for what came of it.

No redirect is followed, no proxy of the environment is trusted, and whatever the other side does,
it is over within seconds. Of the answer nothing but the status is kept.
"""

import io
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, gaierror, socket
from time import monotonic
from typing import TYPE_CHECKING

from common.egress import (
    Address,
    Egress,
    Resolver,
    Target,
    UnsafeAddress,
    judged_addresses,
    read_target,
    system_resolver,
)
from common.enums import PostOutcome

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
# Of the answer: enough to let a polite server end its sentence.
LARGEST_ANSWER = 16 * 1024
# A host with many addresses may not cost the time of many connections.
MOST_ADDRESSES = 3
GONE = 410


@cache
def trusted() -> ssl.SSLContext:
    """Return the system's certificates: reading them takes longer than a POST."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class Answer:
    """What came of a POST; ``status`` is None without an answer, ``retry_after`` in seconds."""

    outcome: PostOutcome
    status: int | None = None
    seconds: float = 0.0
    retry_after: int | None = None

    @property
    def taken(self) -> bool:
        return self.outcome == PostOutcome.TAKEN


@dataclass(frozen=True)
class WebhookTransport:
    """Posts, from many threads at once.

    ``resolve`` and ``tls`` are the system's, unless a test has its own host names.
    """

    egress: Egress = field(default_factory=Egress.of_settings)
    resolve: Resolver = system_resolver
    tls: Callable[[], ssl.SSLContext] = trusted
    connect_seconds: float = CONNECT_SECONDS
    total_seconds: float = TOTAL_SECONDS

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once. Never raises for what the address or the other side does."""
        began = monotonic()
        status: int | None = None
        retry_after: int | None = None
        try:
            target = read_target(url, egress=self.egress)
            numbers = judged_addresses(target, resolve=self.resolve, egress=self.egress)
            deadline = monotonic() + self.total_seconds
            status, retry_after = self._ask(target, numbers, body, headers, deadline)
            outcome = outcome_of(status)
        except UnsafeAddress:
            outcome = PostOutcome.UNSAFE
        except (gaierror, UnicodeError):
            outcome = PostOutcome.UNKNOWN_HOST
        except TimeoutError:
            outcome = PostOutcome.TOO_SLOW
        except ssl.SSLError:
            outcome = PostOutcome.NOT_TRUSTED
        except OSError:
            outcome = PostOutcome.UNREACHABLE
        except (HTTPException, ValueError):
            outcome = PostOutcome.NO_ANSWER
        return Answer(outcome, status, round(monotonic() - began, 3), retry_after)

    def _ask(
        self,
        target: Target,
        numbers: Sequence[Address],
        body: bytes,
        headers: Mapping[str, str],
        deadline: float,
    ) -> tuple[int, int | None]:
        asked = {"Host": target.authority, "Connection": "close", **headers}
        with self._connect(target, numbers, deadline) as opened:
            connection = HTTPConnection(target.host, target.port)
            connection.sock = _Hurried(opened, deadline)
            connection.request("POST", target.path, body=body, headers=asked)
            answer = connection.getresponse()
            _hear_out(answer)
            return answer.status, _whole_seconds(answer.getheader("Retry-After", ""))

    def _connect(self, target: Target, numbers: Sequence[Address], deadline: float) -> socket:
        """Connect to the first of the judged addresses that takes it, and to nothing else."""
        refused = OSError("The host has no address.")
        for number in numbers[:MOST_ADDRESSES]:
            limit = min(self.connect_seconds, _left(deadline))
            try:
                plain = create_connection((str(number), target.port), timeout=limit)
            except OSError as error:
                refused = error
                continue
            plain.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            if target.scheme == "http":
                return plain
            return self.tls().wrap_socket(plain, server_hostname=target.host)
        raise refused


def outcome_of(status: int) -> PostOutcome:
    if status == GONE:
        return PostOutcome.GONE
    if 300 <= status < 400:
        return PostOutcome.REDIRECTED
    return PostOutcome.TAKEN if 200 <= status < 300 else PostOutcome.REFUSED


def _hear_out(answer: HTTPResponse) -> None:
    # The status has decided; whatever the rest is, we only let it be said.
    with suppress(OSError, HTTPException):
        answer.read(LARGEST_ANSWER)


def _whole_seconds(text: str | None) -> int | None:
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Hurried:
    """What ``http.client`` needs of a socket, over at the deadline however slowly bytes come.

    A socket's own time-out begins anew with every byte.
    """

    def __init__(self, opened: socket, deadline: float) -> None:
        self._opened, self._deadline = opened, deadline

    def sendall(self, sent: bytes) -> None:
        self._opened.settimeout(_left(self._deadline))
        self._opened.sendall(sent)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._opened, self._deadline))

    def close(self) -> None:
        """Leave it to whoever opened it."""


class _Reading(io.RawIOBase):
    def __init__(self, opened: socket, deadline: float) -> None:
        self._opened, self._deadline = opened, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._opened.settimeout(_left(self._deadline))
        return self._opened.recv_into(buffer)
