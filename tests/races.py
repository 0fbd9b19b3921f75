"""Real threads with real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import sleep
from typing import Any

from django.db import connection, transaction


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make all calls at the same moment; return what each returned or raised.

    Needs ``real_db``: a thread does not see what another has not committed.
    """
    together = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            together.wait()
            return call()
        except Exception as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def overlapping(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Begin the second when the first is done and not committed yet; return as ``at_once``."""
    done = Event()

    def hold() -> Any:
        with transaction.atomic():
            answer = first()
            done.set()
            sleep(0.3)
        return answer

    def follow() -> Any:
        done.wait(5)
        return second()

    return at_once(hold, follow)
