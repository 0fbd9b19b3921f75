"""Wake a task, if the broker can be reached: rows wait for the scheduler otherwise.

The bell is rung from a thread of its own, because the client of a broker that is gone tries for
seconds, and a checkout that waits for our answer must not.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import structlog
from celery import Task
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

# How long, in seconds, a ring waits for others, so that a thousand commits are a few messages.
PAUSE = 0.1


class _Ringer:
    def __init__(self) -> None:
        self._waiting: set[str] = set()
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bell")

    def ring(self, task: Task) -> None:
        with self._lock:
            if task.name in self._waiting:
                return
            self._waiting.add(task.name)
        self._thread.submit(self._publish, task)

    def _publish(self, task: Task) -> None:
        time.sleep(PAUSE)
        # Before the message: whoever rings from now on may leave a row that the task will not see.
        with self._lock:
            self._waiting.discard(task.name)
        try:
            task.apply_async(retry=False, expires=60)
        except (OperationalError, OSError):
            log.warning("broker_unreachable", task=task.name)


_ringer = _Ringer()


def _begin_anew() -> None:
    # A fork copies no threads.
    global _ringer
    _ringer = _Ringer()


os.register_at_fork(after_in_child=_begin_anew)


def ring(task: Task) -> None:
    """Ask for the task to run soon; many rings at once are one. Never waits, never fails."""
    _ringer.ring(task)
