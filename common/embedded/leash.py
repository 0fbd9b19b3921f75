"""Run a program that ends when its parent does, even if the parent is killed outright.

``python -S -E leash.py PARENT PROGRAM...``; on Linux only, elsewhere it just runs the program.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def leash(parent: int, command: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("The parent ended before this program began.")
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    leash(int(sys.argv[1]), sys.argv[2:])
