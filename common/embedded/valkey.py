"""The embedded broker: Valkey on a private socket."""

from pathlib import Path


def socket_url(var: Path) -> str:
    """Return the address at which Celery finds the broker of this checkout."""
    return f"redis+socket://{(var / 'broker' / 'valkey.sock').resolve()}"
