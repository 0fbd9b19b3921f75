import signal
import subprocess
import sys
import urllib.request

import pytest

from common.embedded.sockets import free_port, is_locked
from tests.programs import running, wait_until

pytestmark = pytest.mark.fault


@pytest.fixture
def up(tmp_path):
    """Return what starts a whole installation with data of its own, at a port."""

    def start(port):
        return running(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            stdout=subprocess.PIPE,
            environment={
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "CLIENTELA_VAR": str(tmp_path),
            },
        )

    return start


def wait_for_welcome(process):
    # The log ends when the program does.
    assert any(b"Clientela is at" in line for line in process.stdout)


def test_up_after_a_kill_starts_again_and_ends_on_interrupt(up, tmp_path):
    port = free_port()
    with up(port) as killed:
        wait_for_welcome(killed)
        killed.kill()

    with up(port) as process:
        wait_for_welcome(process)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/") as page:
            assert page.status == 200
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert said.decode().endswith("Everything has ended.\n")
    # Every program held this lock, so none is left.
    assert not is_locked(tmp_path / "up.lock")


def test_up_refuses_a_second_run_in_the_same_folder(up, tmp_path):
    port = free_port()
    with up(port) as first:
        wait_until(lambda: (tmp_path / "up.lock").exists() and (tmp_path / "up.lock").read_text())

        with up(free_port()) as second:
            second.wait(timeout=60)

        assert second.returncode == 1
        assert first.poll() is None
