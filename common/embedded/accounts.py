"""Whom the embedded server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def of_process(self) -> dict[str, Any]:
        """Return what ``subprocess`` must be told to run a program as this account."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_pass(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & 0o100)
        if found.st_gid == self.gid:
            return bool(found.st_mode & 0o010)
        return bool(found.st_mode & 0o001)


def server_account(data: Path) -> Account:
    """Return who owns the data already; else us, or for root an account that every system has."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and (found := data.stat()).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise RuntimeError("PostgreSQL cannot run as root; add an account 'postgres' or 'nobody'.")


def let_pass(account: Account, *ends: Path) -> None:
    """Let the account pass (not read) through every folder on the way to ``ends``, and say so."""
    for folder in (folder for end in ends for folder in (end, *end.parents)):
        if not account.may_pass(folder):
            print(  # noqa: T201
                f"Embedded PostgreSQL may not run as root: chmod o+x {folder}", file=sys.stderr
            )
            folder.chmod(folder.stat().st_mode | 0o001)
