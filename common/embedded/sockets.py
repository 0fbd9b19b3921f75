"""Private sockets, locks and ports: what keeps embedded programs out of each other's way."""

import fcntl
import hashlib
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

# A socket's path has room for 108 bytes on Linux and 104 on macOS, the closing NUL included.
LONGEST_PATH = 103


def socket_directory(beside: Path, *, file: str) -> Path:
    """Return ``beside``, or a folder in /tmp when the path of ``file`` would be too long."""
    if len(os.fsencode(beside / file)) <= LONGEST_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(beside)).hexdigest()[:10]
    # Not $TMPDIR: every process must find the same folder, whatever its environment.
    return Path("/tmp") / f"clientela-{os.getuid()}-{digest}"  # noqa: S108 (make_private checks it)


def make_private(directory: Path, *, uid: int, gid: int) -> None:
    """Make a folder that only ``uid`` may enter.

    Raises RuntimeError when somebody else was there first: /tmp belongs to everybody.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), uid):
        raise RuntimeError(f"{directory} belongs to another user; remove it and try again.")
    directory.chmod(0o700)
    os.chown(directory, uid, gid)


@contextmanager
def locked(file: Path, how: int = fcntl.LOCK_EX) -> Iterator[int]:
    """Hold the lock on ``file``; the kernel drops it when the process dies, however it dies."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(file: Path) -> bool:
    try:
        with locked(file, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
    except BlockingIOError:
        return True


def free_port(preferred: int = 0) -> int:
    """Return ``preferred`` if nobody listens there, else any free port of 127.0.0.1."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(place: Path | str, port: int = 0) -> bool:
    """Say whether somebody listens at the socket, or at ``port`` of the host ``place``."""
    with socket.socket(socket.AF_INET if port else socket.AF_UNIX) as probe:
        return probe.connect_ex((place, port) if port else str(place)) == 0
