"""Wake a task, if the broker can be reached: rows wait for the scheduler otherwise."""

import structlog
from celery import Task
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ring(task: Task) -> None:
    """Ask for the task to run soon; a silent broker costs seconds and never an error."""
    try:
        task.apply_async(retry=False, expires=60)
    except (OperationalError, OSError):
        log.warning("broker_unreachable", task=task.name)
