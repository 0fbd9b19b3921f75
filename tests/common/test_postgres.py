"""What goes wrong with servers that programs start by themselves, and how ours comes through."""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from common.embedded.postgres import Cluster, command_line

pytestmark = pytest.mark.fault

USER = """
import sys
from pathlib import Path
from common.embedded.postgres import Cluster
Cluster(Path(sys.argv[1]), profile="test").ensure()
print("up", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def use():
    """Start a process that uses the cluster in a folder until it is closed or killed."""
    started = []

    def start(root):
        process = subprocess.Popen(
            [sys.executable, "-c", USER, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.communicate()


def ask(cluster, query):
    where = f"host={cluster.sockets} user=postgres dbname=clientela"
    with psycopg.connect(where, autocommit=True) as sql:
        found = sql.execute(query)
        return found.fetchall() if found.description else None


def postmaster(cluster):
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def wait_until_stopped(cluster):
    wait_until(lambda: not (cluster.data / "postmaster.pid").exists())


def wait_until(condition, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_many_processes_at_once_share_one_new_cluster(tmp_path, use):
    users = [use(tmp_path) for _ in range(4)]

    assert [user.stdout.readline() for user in users] == ["up\n"] * 4

    assert ask(Cluster(tmp_path), "SELECT current_database()") == [("clientela",)]


def test_server_stops_after_its_last_user_and_keeps_the_data(tmp_path, use):
    cluster = Cluster(tmp_path)
    first, second = use(tmp_path), use(tmp_path)
    assert first.stdout.readline() == second.stdout.readline() == "up\n"
    ask(cluster, "CREATE TABLE kept AS SELECT 7 AS number")

    first.communicate()
    assert ask(cluster, "SELECT number FROM kept") == [(7,)]
    second.communicate()
    wait_until_stopped(cluster)

    assert use(tmp_path).stdout.readline() == "up\n"
    assert ask(cluster, "SELECT number FROM kept") == [(7,)]


def test_killed_user_does_not_keep_the_server_alive(tmp_path, use):
    user = use(tmp_path)
    assert user.stdout.readline() == "up\n"

    user.kill()

    wait_until_stopped(Cluster(tmp_path))


def test_killed_server_is_started_again_by_who_already_uses_it(tmp_path, use):
    cluster = Cluster(tmp_path, profile="test")
    assert use(tmp_path).stdout.readline() == "up\n"
    cluster.ensure()
    ask(cluster, "CREATE TABLE kept AS SELECT 7 AS number")

    os.kill(postmaster(cluster), signal.SIGKILL)
    wait_until(lambda: not cluster.running())
    cluster.ensure()

    assert ask(cluster, "SELECT number FROM kept") == [(7,)]


@pytest.mark.parametrize("content", ["{own_pid}", "{own_pid}\n/elsewhere\n1\n5432\n", "17", ""])
def test_pid_file_left_by_a_crash_does_not_stop_the_start(tmp_path, use, content):
    cluster = Cluster(tmp_path)
    use(tmp_path).communicate()
    wait_until_stopped(cluster)
    # After a reboot the number may be that of any process, even our own.
    stale = content.format(own_pid=os.getpid())
    (cluster.data / "postmaster.pid").write_text(stale)
    (cluster.sockets / ".s.PGSQL.5432.lock").write_text(stale)

    assert use(tmp_path).stdout.readline() == "up\n"

    assert cluster.running()


def test_killed_first_start_is_done_again(tmp_path, use):
    (tmp_path / "data.part").mkdir()
    (tmp_path / "data.part" / "PG_VERSION").write_text("18\n")

    assert use(tmp_path).stdout.readline() == "up\n"


def test_long_path_moves_the_socket_to_a_private_folder(tmp_path, use):
    root = tmp_path / ("long" * 25)
    cluster = Cluster(root)

    assert use(root).stdout.readline() == "up\n"

    assert ask(cluster, "SELECT 1") == [(1,)]
    assert str(cluster.sockets).startswith("/tmp/")
    assert cluster.sockets.stat().st_mode & 0o777 == 0o700


def test_command_line_of_a_dead_process_is_empty():
    ended = subprocess.Popen(["true"])
    ended.wait()

    assert command_line(str(ended.pid)) == ""
    assert command_line(str(os.getpid())) != ""
