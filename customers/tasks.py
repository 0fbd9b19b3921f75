from celery import shared_task
from django.utils.timezone import now

from customers.operations.imports import work_on_imports


@shared_task
def work_on_files() -> None:
    """Check and merge the files that wait."""
    work_on_imports(clock=now)
