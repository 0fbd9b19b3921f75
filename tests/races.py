"""Real threads with real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
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


def overlapping(
    first: Callable[[], Any], second: Callable[[], Any], *, seconds: float = 0.3
) -> list[Any]:
    """Begin the second when the first is done and not committed yet; return as ``at_once``.

    The first is committed when the second is over, or after ``seconds``: it may be what the second
    waits for.
    """
    done, over = Event(), Event()

    def hold() -> Any:
        with transaction.atomic():
            try:
                answer = first()
            finally:
                done.set()
            over.wait(seconds)
        return answer

    def follow() -> Any:
        done.wait(60)
        try:
            return second()
        finally:
            over.set()

    return at_once(hold, follow)
