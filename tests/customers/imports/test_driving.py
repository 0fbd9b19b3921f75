"""What workers do when the work is long, or fails."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from customers.models import Customer, ImportJob
from customers.operations.imports import (
    check,
    forget,
    map_columns,
    pause,
    resume,
    staging,
    start,
    upload,
    work_on_imports,
)
from tests.customers.imports.files import brought_in, checked, reasons
from tests.factories import NOW

pytestmark = pytest.mark.django_db

PEOPLE = "id,email\n" + "".join(
    f"C{number},{'oops' if number % 3 == 0 else ''}\n" for number in range(10)
)


def mapped(content: str = PEOPLE) -> ImportJob:
    job = upload(ContentFile(content.encode(), name="people.csv"), kind="customers", at=NOW)
    return map_columns(job, mapping=job.mapping)


def test_a_long_check_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(staging, "BLOCK", 4)
    job, rounds = mapped(), 0

    while job.state == "checking":
        job = check(job, at=NOW, seconds=0)
        rounds += 1

    # Three blocks and the end of the file, then a round for each step of the judgement.
    assert rounds > 4
    whole = checked("customers", PEOPLE)
    assert (job.state, job.preview, job.row_count) == ("ready", whole.preview, 10)
    assert reasons(job) == reasons(whole)


def test_work_that_fails_three_times_waits_for_a_person():
    job = mapped()
    job.file.storage.delete(str(job.file.name))

    for _ in range(2):
        work_on_imports(clock=lambda: NOW)
        job.refresh_from_db()
        assert job.state == "checking"
    work_on_imports(clock=lambda: NOW)
    job.refresh_from_db()

    assert job.state == "failed"
    assert f"import {job.pk}" in job.refusal
    job.file.storage.save(job.file.name, ContentFile(PEOPLE.encode()))
    assert resume(job).state == "checking"
    work_on_imports(clock=lambda: NOW)
    job.refresh_from_db()
    assert (job.state, job.refusal) == ("ready", "")


def test_work_that_takes_long_gives_others_a_turn():
    for name in ("C1", "C2"):
        start(checked("customers", f"id\n{name}\n"), at=NOW)

    assert work_on_imports(clock=lambda: NOW, seconds=0)
    assert Customer.objects.count() == 2
    assert not work_on_imports(clock=lambda: NOW)


def tables_of(job: ImportJob) -> list[str]:
    names = connection.introspection.table_names()
    return [name for name in names if name.startswith("import_") and name.endswith(f"_{job.pk}")]


def test_after_72_hours_only_the_numbers_of_an_import_are_known(
    django_capture_on_commit_callbacks,
):
    done = brought_in("customers", PEOPLE)
    left_ready = checked("customers", PEOPLE)
    left_paused = pause(start(checked("customers", "id\nC77\n"), at=NOW))
    recent = brought_in("customers", "id\nC99\n", at=NOW + timedelta(hours=1))
    files = [job.file.name for job in (done, left_ready, left_paused)]

    with django_capture_on_commit_callbacks(execute=True):
        while forget(at=NOW + timedelta(hours=72, minutes=1)):
            pass

    for job, state in ((done, "done"), (left_ready, "cancelled"), (left_paused, "cancelled")):
        job.refresh_from_db()
        assert (job.state, job.file.name, job.rejected_rows.count()) == (state, "", 0)
        assert tables_of(job) == []
    assert (done.created_count, done.rejected_count) == (6, 4)
    assert not any(done.file.storage.exists(str(name)) for name in files)
    recent.refresh_from_db()
    assert (recent.forgotten_at, tables_of(recent)) == (None, [f"import_changed_{recent.pk}"])
