"""Real programs beside the tests: a worker, a broker, whatever the system has."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from common.embedded.sockets import answers, free_port
from common.embedded.valkey import broker_command, socket_file, socket_url
from config.celery import app


def real_program(name: str, *, package: str = "") -> str:
    """Return the path of a program of the system; skip the test without it, but fail under CI."""
    if path := shutil.which(name):
        return path
    missing = f"needs {name} (apt-get install --no-install-recommends {package or name})"
    if os.environ.get("CLIENTELA_CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@contextmanager
def running(
    command: Sequence[str],
    *,
    stdout: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends; it may have been killed before."""
    process = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env={**os.environ, **(environment or {})},
        stdout=stdout,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` in another process; its code and its words are the result."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def wait_until(condition: Callable[[], object], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.02)


@contextmanager
def broker(var: Path) -> Iterator[str]:
    """Run the embedded broker in ``var``; tasks of this process go there. Yields its address."""
    with running(broker_command(var)):
        wait_until(lambda: answers(socket_file(var)))
        with tasks_sent_to(socket_url(var)) as address:
            yield address


@contextmanager
def tasks_sent_to(address: str) -> Iterator[str]:
    before, app.conf.broker_url = app.conf.broker_url, address
    # The pools of connections are made anew, as after a fork.
    app._after_fork()
    try:
        yield address
    finally:
        app.conf.broker_url = before
        app._after_fork()


@contextmanager
def worker(address: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a real worker on this test's database (which must be ``real_db``) and mailbox."""
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "config", "worker"]
    command += ["--concurrency", "2", "--without-gossip", "--without-mingle"]
    environment = {
        "TEST_BROKER_URL": address,
        "MAIL_CATCHER_PORT": str(settings.EMAIL_PORT),
        "PYTHONWARNINGS": "ignore:You're running the worker",
    } | environment
    with running(command, environment=environment) as process:
        wait_until(lambda: app.control.ping(timeout=1, limit=1))
        yield process


@contextmanager
def scheduler(address: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the real scheduler, which rings for whatever the bell was not rung for."""
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "config", "beat", "--pidfile="]
    with running(command, environment={"TEST_BROKER_URL": address}) as process:
        yield process


@contextmanager
def web(broker: str, *, threads: int = 4) -> Iterator[str]:
    """Run the server of the field on this test's database (``real_db``). Yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi"]
    command += ["--port", str(port), "--blocking-threads", str(threads), "--log-level", "warning"]
    environment = {"TEST_BROKER_URL": broker, "PUBLIC_URL": address}
    with running([*command, "config.wsgi:application"], environment=environment):
        wait_until(lambda: answers("127.0.0.1", port))
        yield address
