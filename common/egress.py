"""Where the program may be sent by an address that somebody typed in: the public internet alone.

A request to an inner address would be made with our own rights there (SSRF; OWASP ASVS 5.0,
1.3.6). What is judged is the numeric address, and that one is connected to: a name that answers
differently the second time (DNS rebinding) is never asked a second time.
"""

import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Self
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import DomainError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# Given a host and a port, the numeric addresses at which it may be reached.
Resolver = Callable[[str, int], Sequence[str]]

SCHEME_PORTS = {"https": 443, "http": 80}
LONGEST_URL = 500

# Beside what is not global by IANA's registries, as Python knows them.
REFUSED = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's inner services, on a public number
        "192.0.0.0/24",  # IETF protocols; Oracle's metadata are at 192.0.0.192
        "64:ff9b:1::/48",  # local NAT64: it may lead anywhere inside
        "2001::/23",  # IETF protocols, Teredo among them
        "3fff::/20",  # documentation
    )
)
# RFC 4291: what has been given out of IPv6; all else is something special.
GLOBAL_UNICAST = ip_network("2000::/3")
NAT64 = ip_network("64:ff9b::/96")


class UnsafeAddress(DomainError):
    """The address is not one to send anything to."""

    code = "unsafe_address"
    status = 422


@dataclass(frozen=True)
class Egress:
    """Which addresses are open; ``inner`` networks are open though they are not public."""

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] = frozenset({443, 8443})
    inner: tuple[Network, ...] = ()

    @classmethod
    def of_settings(cls) -> Self:
        schemes = {"https", "http"} if settings.WEBHOOK_ALLOW_HTTP else {"https"}
        return cls(
            schemes=frozenset(schemes),
            ports=frozenset(settings.WEBHOOK_PORTS),
            inner=tuple(ip_network(text) for text in settings.WEBHOOK_INNER_NETWORKS),
        )


@dataclass(frozen=True)
class Target:
    """An address taken apart once; nobody reads the text a second time."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header: RFC 9110 leaves out the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == SCHEME_PORTS[self.scheme] else f"{host}:{self.port}"


def read_target(url: str, *, egress: Egress) -> Target:
    """Take an address apart, and refuse what no answer of DNS could make safe.

    Asks no server. Raises UnsafeAddress.
    """
    parts = _parts(url)
    if parts.scheme not in egress.schemes:
        raise UnsafeAddress(_("The address must begin with https://."))
    if parts.username is not None or parts.password is not None:
        raise UnsafeAddress(_("The address must hold no user name and no password."))
    port = parts.port or SCHEME_PORTS[parts.scheme]
    if port not in egress.ports:
        ports = ", ".join(map(str, sorted(egress.ports)))
        raise UnsafeAddress(_("Only these ports are open: %(ports)s.") % {"ports": ports})
    host = _host(parts)
    _refuse_literal(host, egress=egress)
    path = parts.path or "/"
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path)


def _parts(url: str) -> SplitResult:
    # What a header or a request line cannot hold would let somebody write a second request.
    printable = url.isascii() and url.isprintable() and not set(url) & {" ", "\\", "<", ">", '"'}
    try:
        parts = urlsplit(url)
        # Reading it is what finds that it is no number.
        readable = printable and len(url) <= LONGEST_URL and parts.port != 0
    except ValueError:
        readable = False
    if not readable or not parts.hostname:
        message = _("This is not an address. Write it as https://shop.example/hooks.")
        raise UnsafeAddress(message)
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if "%" in host or not host:
        # A zone names one of our own network cards.
        raise UnsafeAddress(_("The address names no host on the internet."))
    return host


def _refuse_literal(host: str, *, egress: Egress) -> None:
    try:
        number = ip_address(host)
    except ValueError:
        return
    _refuse(number, egress=egress)


def judged_addresses(target: Target, *, resolve: Resolver, egress: Egress) -> Sequence[Address]:
    """Ask once where the host is, and return its addresses when all of them are open.

    One inner address among public ones is enough to refuse the host: somebody is trying. Raises
    UnsafeAddress, or OSError when nobody knows the host.
    """
    numbers = [ip_address(text) for text in resolve(target.host, target.port)]
    for number in numbers:
        _refuse(number, egress=egress)
    return numbers


def _refuse(number: Address, *, egress: Egress) -> None:
    if not is_open(number, inner=egress.inner):
        raise UnsafeAddress(
            _("The address leads into a private network, which is not open to webhooks.")
        )


def is_open(number: Address, *, inner: Iterable[Network] = ()) -> bool:
    """Say whether the number is of the public internet, or of a network opened on purpose."""
    plain = without_wrapping(number)
    return any(plain in network for network in inner) or _is_public(plain)


def without_wrapping(number: Address) -> Address:
    """Return the IPv4 address that stands inside an IPv6 one, which is where it leads."""
    if isinstance(number, IPv4Address):
        return number
    if number in NAT64:
        return IPv4Address(int(number) & 0xFFFFFFFF)
    return number.ipv4_mapped or number.sixtofour or number


def _is_public(number: Address) -> bool:
    if isinstance(number, IPv6Address) and number not in GLOBAL_UNICAST:
        return False
    if any(number in network for network in REFUSED):
        return False
    return number.is_global and not (number.is_multicast or number.is_reserved)


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the system, as every program does; in the order in which to try (RFC 6724)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))
