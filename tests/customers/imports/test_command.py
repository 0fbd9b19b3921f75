from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from customers.models import Customer, ImportJob
from tests.customers.imports.files import brought_in

pytestmark = pytest.mark.django_db


def test_a_file_comes_in_from_the_command_line(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("id,email\nC1,ana@mail.example\nC2,oops\n")
    said = StringIO()

    call_command("import_file", "customers", str(file), "--historic", stdout=said)

    assert said.getvalue() == (
        "people.csv: 1 created, 0 updated, 0 unchanged, 1 rejected\n"
        "people.csv:3: email: This is not an e-mail address.\n"
    )
    assert Customer.objects.get().external_id == "C1"
    assert ImportJob.objects.get().historic


def test_columns_and_the_start_are_said_on_the_command_line(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("who,email\nC1,ana@mail.example\nC2,oops\n")
    said = StringIO()

    call_command(
        "import_file",
        "customers",
        str(file),
        columns=["who=external_id"],
        start="auto",
        stdout=said,
    )

    job = ImportJob.objects.get()
    assert said.getvalue() == (
        f"people.csv waits as import {job.pk}: 1 to create, 0 to update, 0 unchanged, 1 rejected\n"
        "people.csv:3: email: This is not an e-mail address.\n"
    )
    assert (job.state, Customer.objects.count()) == ("ready", 0)
    with pytest.raises(CommandError, match="TITLE=FIELD"):
        call_command("import_file", "customers", str(file), columns=["who"])


def test_a_bad_file_ends_with_its_reason(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("id,id\nC1,C1\n")

    with pytest.raises(CommandError, match="stands 2 times in the header"):
        call_command("import_file", "customers", str(file))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_file", "customers", str(tmp_path / "other.csv"))


def test_an_import_is_undone_from_the_command_line():
    job = brought_in("customers", "id\nC1\nC2\n", at=now())
    said = StringIO()

    call_command("undo_import", str(job.pk), "--count", stdout=said)
    call_command("undo_import", str(job.pk), stdout=said)

    assert said.getvalue() == (
        "2 to remove, 0 to restore, 0 to leave\n2 removed, 0 restored, 0 left\n"
    )
    assert not Customer.objects.exists()
    with pytest.raises(CommandError, match="no import"):
        call_command("undo_import", "0")
