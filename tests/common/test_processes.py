import io
import os
import signal
import subprocess
import sys
import time

import pytest

from common.embedded.postgres import command_line
from common.embedded.processes import Group, Program, ProgramEnded

# Says "ready", and "bye" when asked to end.
POLITE = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done"
DEAF = "trap '' TERM; echo ready; while :; do sleep 0.1; done"

RUNNER = """
import sys
from common.embedded.processes import Group, Program, ProgramEnded

try:
    with Group(patience=30) as group:
        for name, script in zip(sys.argv[1::2], sys.argv[2::2]):
            command = ["sh", "-c", f"echo pid $$; {script}"]
            group.start(Program(name, command, ends_last=name == "broker"))
        group.serve()
except KeyboardInterrupt:
    sys.exit(0)
except ProgramEnded as ended:
    sys.exit(ended.code)
"""


@pytest.fixture
def runner():
    """Start a runner of (name, script) pairs; whatever is left of it is killed afterwards."""
    started = []

    def start(**scripts):
        words = [word for pair in scripts.items() for word in pair]
        process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, *words],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        pids = pids_until_ready(process, count=len(scripts))
        return process, pids

    yield start
    for process in started:
        process.kill()
        process.communicate()


def pids_until_ready(process, *, count):
    pids, ready = [], 0
    while ready < count:
        text = process.stdout.readline().split("│")[1].strip()
        ready += text == "ready"
        if text.startswith("pid"):
            pids.append(text.split()[1])
    return pids


def wait_until_gone(pids, *, seconds=20):
    deadline = time.monotonic() + seconds
    while any(map(command_line, pids)):
        assert time.monotonic() < deadline, "a process lives on"
        time.sleep(0.02)


@pytest.mark.fault
def test_interrupted_group_ends_in_order_and_with_code_0(runner):
    process, pids = runner(broker=POLITE, web="sleep 0.2; " + POLITE, worker=POLITE)

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert output.splitlines()[-1] == "broker    │ bye"
    assert sorted(output.splitlines()) == ["broker    │ bye", "web       │ bye", "worker    │ bye"]
    wait_until_gone(pids)


@pytest.mark.fault
def test_second_interrupt_does_not_wait(runner):
    process, pids = runner(web=DEAF)

    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    wait_until_gone(pids)


@pytest.mark.fault
def test_killed_runner_leaves_no_program(runner):
    process, pids = runner(broker=POLITE, web=POLITE)

    process.kill()

    wait_until_gone(pids)


@pytest.mark.fault
def test_program_that_ends_takes_the_others_with_it(runner):
    process, pids = runner(broker=POLITE, web="echo ready; sleep 0.3; exit 7")

    output, _ = process.communicate(timeout=20)

    assert process.returncode == 7
    assert output.splitlines() == ["broker    │ bye"]
    wait_until_gone(pids)


def test_group_kills_what_a_program_left_behind():
    said = io.StringIO()
    with Group(out=said, patience=5) as group:
        group.start(Program("web", ["sh", "-c", "sleep 60 & echo $!; wait"]))
        group.wait_until(lambda: "│" in said.getvalue())
        (orphan,) = [line.split("│")[1].strip() for line in said.getvalue().splitlines()]
        assert command_line(orphan)

    wait_until_gone([orphan])


def test_group_passes_its_environment_and_the_open_descriptor():
    said = io.StringIO()
    reading, writing = os.pipe()
    script = f"import os; print(os.environ['GREETING']); os.write({writing}, b'kept')"

    with Group(out=said, environment={"GREETING": "olá"}, keep_open=writing) as group:
        group.start(Program("web", [sys.executable, "-c", script]))
        with pytest.raises(ProgramEnded, match="web ended by itself with code 0"):
            group.serve()

    os.close(writing)
    with open(reading) as kept:
        assert kept.read() == "kept"
    assert said.getvalue() == "web       │ olá\n"
