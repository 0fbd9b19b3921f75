import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.embedded.postgres import command_line
from common.embedded.processes import Group, Program, ProgramEnded
from common.embedded.sockets import answers, free_port
from common.embedded.valkey import broker_command, socket_file

HOST = "127.0.0.1"
# How long the programs of a killed run may take to end.
PATIENCE = 60


class Command(BaseCommand):
    help = "Start everything: database, broker, mail catcher, web, worker and scheduler."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help="where to listen (default: 8000 or any free)")
        parser.add_argument("--demo", action="store_true", help="fill an empty shop with a year")

    def handle(self, *args: Any, port: int | None, demo: bool, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        try:
            with only_run(settings.VAR) as lock:
                # Not before: the programs of a killed run may still listen there.
                self.serve(port=self.chosen_port(port), demo=demo, lock=lock)
        except KeyboardInterrupt:
            self.stdout.write("Everything has ended.")
        except ProgramEnded as ended:
            raise CommandError(f"{ended}; so all others were ended too.") from ended

    def chosen_port(self, asked: int | None) -> int:
        port = free_port(asked or 8000)
        if asked and port != asked:
            raise CommandError(f"Port {asked} is taken; choose another with --port.")
        return port

    def serve(self, *, port: int, demo: bool, lock: int) -> None:
        environment = addresses(port)
        call_command("migrate", verbosity=0)
        with Group(environment=environment, keep_open=lock) as group:
            for program in supporting_programs():
                group.start(program)
            group.wait_until(support_is_ready)
            if demo:
                call_command("seed_demo")
            for program in own_programs(port):
                group.start(program)
            group.wait_until(lambda: answers(HOST, port))
            self.welcome(port)
            if demo:
                call_command("seed_demo", tour=True)
            group.serve()

    def welcome(self, port: int) -> None:
        self.stdout.write(f"\n  Clientela is at http://{HOST}:{port}/ (Ctrl-C ends it)")
        if not settings.EMAIL_URL:
            self.stdout.write(f"  Its mail is at  http://{HOST}:{port}/mail/\n")
        self.stdout.flush()


@contextmanager
def only_run(var: Path) -> Iterator[int]:
    """Hold the lock of this checkout, which its programs hold too: it is free when all ended."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "up.lock").open("a+") as file:
        deadline = time.monotonic() + PATIENCE
        while not try_lock(file.fileno()):
            file.seek(0)
            if command_line(file.read().strip()) or time.monotonic() > deadline:
                raise CommandError("Clientela runs from this folder already.")
            time.sleep(0.2)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()


def try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def addresses(port: int) -> dict[str, str]:
    """Settle the addresses of this run, for us and for the programs that we start."""
    # In a container one is often root, and Celery says at length that one should not be.
    environment = {"PYTHONWARNINGS": "ignore:You're running the worker"}
    if "PUBLIC_URL" not in os.environ and not settings.PRODUCTION:
        settings.PUBLIC_URL = environment["PUBLIC_URL"] = f"http://{HOST}:{port}"
    if not settings.EMAIL_URL:
        settings.EMAIL_PORT = free_port(settings.EMAIL_PORT)
        environment["MAIL_CATCHER_PORT"] = str(settings.EMAIL_PORT)
    return environment


def supporting_programs() -> Iterator[Program]:
    if embedded_broker():
        yield Program("broker", broker_command(settings.VAR), ends_last=True)
    if not settings.EMAIL_URL:
        yield Program("mail", [sys.executable, "manage.py", "mail_catcher"], ends_last=True)


def own_programs(port: int) -> Iterator[Program]:
    python = [sys.executable, "-m"]
    yield Program(
        "web",
        [
            *python,
            *("granian", "--interface", "wsgi", "config.wsgi:application"),
            *("--host", HOST, "--port", str(port), "--blocking-threads", "4"),
            *("--log-level", "warning"),
        ],
    )
    celery = [*python, "celery", "--quiet", "--app", "config"]
    worker = ["worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
    yield Program("worker", [*celery, *worker, "--loglevel", "info"])
    # No file says that it runs: a killed one would leave it behind.
    yield Program("scheduler", [*celery, "beat", "--pidfile=", "--loglevel", "info"])


def embedded_broker() -> bool:
    return settings.CELERY_BROKER_URL.endswith(str(socket_file(settings.VAR)))


def support_is_ready() -> bool:
    broker = not embedded_broker() or answers(socket_file(settings.VAR))
    return broker and (settings.EMAIL_URL or answers(settings.EMAIL_HOST, settings.EMAIL_PORT))
