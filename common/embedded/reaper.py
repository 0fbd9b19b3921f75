"""Wait until nobody uses the embedded server any more, then stop it.

Runs alone and outlives whoever started it, without site-packages or any module of ours:
``python -S -E reaper.py ROOT UID GID COMMAND...``
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path


def reap(root: Path, uid: int, gid: int, command: list[str]) -> None:
    with (root / "users.lock").open("a") as users, (root / "reaper.lock").open("a") as post:
        try:
            fcntl.flock(post, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        # The kernel wakes us when the last user is gone, however it died. While we hold the lock
        # a newcomer waits; its reaper finds our post empty, because that lock is dropped first.
        fcntl.flock(users, fcntl.LOCK_EX)
        as_account = {"user": uid, "group": gid, "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(command, cwd="/", check=False, **as_account)  # type: ignore[call-overload]


if __name__ == "__main__":
    if os.fork() == 0:
        os.setsid()
        reap(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
