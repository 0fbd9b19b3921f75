"""A yes that is confirmed where it would reach the person: times and limits."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from consent.enums import Channel, OptInState

LINK_VALID = timedelta(hours=48)
CODE_VALID = timedelta(minutes=10)
CODE_DIGITS = 6
CODE_TRIES = 5
REMIND_AFTER = timedelta(hours=24)
FORGET_AFTER = timedelta(days=7)

# A yes by these reaches a person through an address, which somebody else may have typed.
CONFIRMED = frozenset({Channel.EMAIL, Channel.SMS, Channel.WHATSAPP})


def can_be_confirmed(state: str, *, valid_until: datetime, at: datetime) -> bool:
    return state in OptInState.waiting() and at < valid_until


def network_counted(address: str) -> str:
    """Return whom a limit counts: an IPv4 address, or the /64 that one household has of IPv6."""
    return _network(address, v4=32, v6=64)


def network_kept(address: str) -> str:
    """Return what is kept as evidence: the surroundings of an address, not a household."""
    return _network(address, v4=24, v6=48)


def _network(address: str, *, v4: int, v6: int) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return str(ip_network((found, v4 if found.version == 4 else v6), strict=False))
