"""Several programs that start, speak and end as one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

LEASH = Path(__file__).with_name("leash.py")
# A colour for each name, in the codes of a terminal.
COLOURS = ("36", "32", "33", "35", "34")


Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str]
    # A broker: others need it to say goodbye.
    ends_last: bool = False


class ProgramEnded(Exception):
    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name} ended by itself with code {code}")
        self.code = code


INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Group:
    """Programs in sessions of their own: a Ctrl-C reaches us alone, and we end them in order.

    Inside the block SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt; its end ends them all.
    ``keep_open`` is a descriptor, such as a lock's, that every program holds as well.
    """

    def __init__(
        self,
        *,
        environment: Mapping[str, str] | None = None,
        keep_open: int | None = None,
        patience: float = 20,
        out: IO[str] = sys.stdout,
    ) -> None:
        self.environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self.keep_open = () if keep_open is None else (keep_open,)
        self.patience = patience
        self.log = Log(out)
        self.running: list[tuple[Program, Process]] = []
        self.interruptions = 0
        self.stopping = False

    def __enter__(self) -> Self:
        self.handlers = {
            number: signal.signal(number, self._interrupt) for number in INTERRUPTIONS
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    def start(self, program: Program) -> None:
        """Start a program; call it from the main thread, with which the program will end."""
        process = subprocess.Popen(
            [sys.executable, "-S", "-E", LEASH, str(os.getpid()), *program.command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self.keep_open,
        )
        self.running.append((program, process))
        self.log.follow(program.name, process)

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait as long as it takes; raise ProgramEnded when one of the programs ends before."""
        while not ready():
            for program, process in self.running:
                if (code := process.poll()) is not None:
                    raise ProgramEnded(program.name, code)
            time.sleep(0.05)

    def serve(self) -> None:
        """Wait for an interruption, or for the first program that ends."""
        self.wait_until(lambda: False)

    def _stop(self) -> None:
        """End all programs, those that end last after the others.

        Those that take longer than ``patience`` seconds, or a second Ctrl-C, are killed.
        """
        self.stopping = True
        asked, deadline = self.interruptions, time.monotonic() + self.patience
        for last in (False, True):
            some = [process for program, process in self.running if program.ends_last is last]
            for process in some:
                process.send_signal(signal.SIGTERM)
            while any(process.poll() is None for process in some):
                if self.interruptions > asked or time.monotonic() > deadline:
                    break
                time.sleep(0.05)
            for process in some:
                kill_session(process)
        self.log.finish()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interruptions += 1
        if not self.stopping:
            raise KeyboardInterrupt


def kill_session(process: Process) -> None:
    """Kill the process and what it started and left behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Log:
    """One stream of lines, each after the name of the program that said it."""

    def __init__(self, out: IO[str]) -> None:
        self.out = out
        self.readers: dict[str, threading.Thread] = {}

    def follow(self, name: str, process: Process) -> None:
        reader = threading.Thread(target=self._read, args=(name, process.stdout), daemon=True)
        self.readers[name] = reader
        reader.start()

    def say(self, name: str, text: str) -> None:
        head = f"{name:<9} │"
        if self.out.isatty():
            colour = COLOURS[[*self.readers, name].index(name) % len(COLOURS)]
            head = f"\x1b[{colour}m{head}\x1b[0m"
        # One write, so that the lines of two programs do not mix.
        self.out.write(f"{head} {text}\n")
        self.out.flush()

    def finish(self) -> None:
        """Say what is left to say."""
        for reader in self.readers.values():
            reader.join(timeout=1)

    def _read(self, name: str, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                if text := line.decode(errors="replace").rstrip():
                    self.say(name, text)
