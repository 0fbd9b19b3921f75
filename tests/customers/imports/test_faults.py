import sys

import pytest
from django.core.files.base import File

from customers.models import Event, ImportJob
from customers.operations.imports import (
    check,
    import_file,
    map_columns,
    start,
    upload,
    work_on,
    work_on_imports,
)
from tests import databases
from tests.customers.imports.files import SLICE, SLICE_AT, tables
from tests.factories import NOW
from tests.programs import running, wait_until
from tests.races import at_once

# A worker of its own, whose chunks are small enough to be killed among them.
WORKER = """
import django
django.setup()
from django.utils.timezone import now
from customers.operations.imports import merging, work_on_imports
merging.CHUNK = 200
work_on_imports(clock=now)
"""


def begun() -> ImportJob:
    for name in ("products", "customers"):
        import_file(SLICE / f"{name}.csv", name, at=SLICE_AT)
    with (SLICE / "orders-history.csv").open("rb") as file:
        job = upload(File(file, name="orders.csv"), kind="orders", at=SLICE_AT)
    return start(check(map_columns(job, mapping=job.mapping), at=NOW), at=NOW)


def merged(job: ImportJob) -> int:
    job.refresh_from_db()
    return job.merged_rows


@pytest.mark.fault
def test_a_killed_worker_costs_nothing_and_repeats_nothing(real_db):
    begun()
    work_on_imports(clock=lambda: NOW)
    uninterrupted = tables()
    databases.clone()
    job = begun()

    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    with running([sys.executable, "-c", WORKER], environment=environment) as worker:
        wait_until(lambda: merged(job) > 0)
        worker.kill()
    killed_at = merged(job)
    work_on_imports(clock=lambda: NOW)

    assert 0 < killed_at < job.row_count
    job.refresh_from_db()
    assert (job.state, job.created_count) == ("done", len(uninterrupted[0]))
    assert tables() == uninterrupted
    assert Event.objects.filter(imported_by_id=job.pk).count() == 1


def test_two_workers_do_not_do_the_same_chunk(real_db, monkeypatch):
    monkeypatch.setattr("customers.operations.imports.merging.CHUNK", 500)
    job = begun()

    at_once(*[lambda: [work_on(job, at=NOW) for _ in range(40)]] * 2)
    work_on_imports(clock=lambda: NOW)

    job.refresh_from_db()
    assert (job.state, job.created_count) == ("done", len(tables()[0]))
