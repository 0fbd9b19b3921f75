from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now

from common.enums import Role
from common.models import AuditEntry
from customers.enums import ImportState
from customers.models import Customer, ImportJob, SavedMapping
from customers.operations.imports import forget, work_on_imports
from tests.customers.imports.files import brought_in
from tests.factories import NOW, make_attribute, make_user

pytestmark = pytest.mark.django_db

PEOPLE = b"Codigo;Nome;E-mail;Perfil\nC1;Ana;ana@mail.example;gold\nC2;Bia;oops;\n"


@pytest.fixture
def marketer(client):
    user = make_user(role=Role.MARKETING)
    client.force_login(user)
    return user


def page(job):
    return reverse("admin:customers_importjob_change", args=[job.pk])


def csv_file(content):
    return SimpleUploadedFile("people.csv", content, content_type="text/csv")


def upload(client, content=PEOPLE) -> ImportJob:
    url = reverse("admin:customers_importjob_add")
    client.post(url, {"kind": "customers", "file": csv_file(content), "historic": "on"})
    return ImportJob.objects.latest("pk")


def columns(job, **changed):
    targets = {"column-0": "external_id", "column-1": "first_name", "column-2": "email"}
    return {"act": "check", **targets, "column-3": "", **changed}


def test_a_file_goes_from_upload_to_result(client, marketer):
    make_attribute("perfil", type="text")
    job = upload(client)
    assert (job.created_by, job.historic, job.delimiter) == (marketer, True, ";")
    mapping_page = client.get(page(job)).content.decode()
    assert "ana@mail.example" in mapping_page
    assert "Attribute: Perfil" in mapping_page

    client.post(page(job), columns(job, historic="on", **{"column-3": "extra.perfil"}))
    assert "rows read" in client.get(page(job)).content.decode()
    work_on_imports(clock=lambda: NOW)
    checked_page = client.get(page(job)).content.decode()
    assert "This is not an e-mail address." in checked_page
    assert Customer.objects.count() == 0

    client.post(page(job), {"act": "start"})
    work_on_imports(clock=lambda: NOW)
    result = client.get(page(job)).content.decode()
    assert "Done" in result
    assert Customer.objects.get().attributes == {"perfil": "gold"}

    download = client.get(reverse("admin:customers_importjob_rejected", args=[job.pk]))
    assert b"This is not an e-mail address." in download.getvalue()
    assert AuditEntry.objects.latest("pk").action == "customers.rejected_rows_exported"


def test_a_privacy_officer_brings_in_a_do_not_call_file(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    url = reverse("admin:customers_importjob_add")
    client.post(url, {"kind": "suppressions", "file": csv_file(b"telefone\n11987654321\n")})
    job = ImportJob.objects.get()

    client.post(page(job), {"act": "check", "column-0": "phone"})
    work_on_imports(clock=lambda: NOW)
    client.post(page(job), {"act": "start"})
    work_on_imports(clock=lambda: NOW)

    job.refresh_from_db()
    assert (job.state, job.created_count) == (ImportState.DONE, 1)


def test_a_privacy_officer_brings_in_no_other_file(client):
    theirs = brought_in("customers", PEOPLE.decode())
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    url = reverse("admin:customers_importjob_add")

    offered = client.get(url).context["form"].fields["kind"].choices
    refused = client.post(url, {"kind": "customers", "file": csv_file(PEOPLE)})
    examples = {
        kind: client.get(reverse("admin:customers_importjob_example", args=[kind, "en"]))
        for kind in ("suppressions", "customers")
    }

    assert [kind for kind, _label in offered] == ["suppressions"]
    assert set(refused.context["form"].errors) == {"kind"}
    assert {kind: answer.status_code for kind, answer in examples.items()} == {
        "suppressions": 200,
        "customers": 403,
    }
    assert client.post(page(theirs), {"act": "undo"}).status_code == 403


def test_progress_asks_for_itself_until_the_page_has_something_new(client, marketer):
    job = upload(client)
    client.post(page(job), columns(job))
    fragment = reverse("admin:customers_importjob_progress", args=[job.pk])

    running = client.get(fragment)
    work_on_imports(clock=lambda: NOW)
    ended = client.get(fragment)

    assert "every 1s" in running.content.decode()
    assert "HX-Refresh" not in running.headers
    assert ended.headers["HX-Refresh"] == "true"


def test_a_wrong_mapping_is_told_on_the_page(client, marketer):
    job = upload(client)

    answer = client.post(page(job), columns(job, **{"column-0": ""}))

    assert "no row comes in without it" in answer.content.decode()
    job.refresh_from_db()
    assert job.state == "uploaded"


def test_a_refused_file_says_why_and_can_be_read_otherwise(client, marketer):
    job = upload(client, b"id,email,email\nC1,,\n")
    assert "stands 2 times in the header" in client.get(page(job)).content.decode()

    client.post(page(job), {"act": "read", "encoding": "utf-8", "delimiter": ";"})

    job.refresh_from_db()
    assert (job.state, job.delimiter) == ("uploaded", ";")


def test_a_file_that_came_in_before_is_recognised(client, marketer):
    brought_in("customers", PEOPLE)

    job = upload(client)

    assert "This very file came in before" in client.get(page(job)).content.decode()


def test_a_started_job_can_rest_and_go_on(client, marketer):
    job = upload(client)
    client.post(page(job), columns(job))
    work_on_imports(clock=lambda: NOW)
    client.post(page(job), {"act": "start"})

    client.post(page(job), {"act": "pause"})

    resting = client.get(page(job)).content.decode()
    assert ">Paused<" in resting
    # Nothing will change by itself.
    assert "hx-trigger" not in resting.split("<progress")[0].rsplit("<div", 1)[1]
    client.post(page(job), {"act": "resume"})
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_job_can_be_thrown_away(client, marketer):
    job = upload(client)

    client.post(page(job), {"act": "cancel"})

    job.refresh_from_db()
    assert job.state == "cancelled"
    again = client.post(page(job), {"act": "start"}, follow=True)
    assert "Only a checked file can be started." in again.content.decode()


def test_who_may_only_look_changes_nothing(client, marketer):
    job = upload(client)
    client.force_login(make_user(role=Role.ANALYST))

    assert client.get(page(job)).status_code == 200
    assert client.post(page(job), {"act": "cancel"}).status_code == 403
    job.refresh_from_db()
    assert job.state == "uploaded"


def test_an_address_or_an_act_that_is_none_is_no_fault_of_ours(client, marketer):
    assert client.get(reverse("admin:customers_importjob_change", args=["x"])).status_code == 404
    assert client.post(page(upload(client)), {"act": "dance"}).status_code == 400


def test_an_import_is_undone_from_its_page(client, marketer):
    job = brought_in("customers", PEOPLE, at=now())
    Customer.objects.update(updated_at=now())
    gone = brought_in("customers", "id\nC3\n", at=now())

    assert "Undo this import" in client.get(page(job)).content.decode()
    before = client.get(reverse("admin:customers_importjob_undo", args=[job.pk]))
    assert "To leave as they are" in before.content.decode()
    for it in (job, gone):
        client.post(page(it), {"act": "undo"})
        assert "rows looked at" in client.get(page(it)).content.decode()
    work_on_imports(clock=now)

    assert "Got their former values back" in client.get(page(gone)).content.decode()
    assert Customer.objects.get().external_id == "C1"
    left = client.get(reverse("admin:customers_importjob_left", args=[job.pk]))
    assert left.getvalue().decode() == (
        '"external_id","reason"\r\n"C1","It was changed after the import."\r\n'
    )
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {
        "customers.import_undone",
        "customers.left_rows_exported",
    }


def test_an_undo_that_is_refused_says_why(client, marketer):
    job = upload(client)

    answer = client.get(reverse("admin:customers_importjob_undo", args=[job.pk]))

    assert "Only an import that has ended and changed something" in answer.content.decode()


def test_a_forgotten_import_shows_its_numbers_and_no_more(
    client, marketer, django_capture_on_commit_callbacks
):
    job = brought_in("customers", PEOPLE)
    with django_capture_on_commit_callbacks(execute=True):
        forget(at=NOW + timedelta(hours=73))

    shown = client.get(page(job)).content.decode()

    assert "were deleted after 72 hours" in shown
    assert "Undo this import" not in shown
    rejected = client.get(reverse("admin:customers_importjob_rejected", args=[job.pk]))
    assert rejected.status_code == 404


def test_a_mapping_is_saved_used_again_renamed_and_deleted(client, marketer):
    job = upload(client)
    client.post(page(job), columns(job, matched_by="email", save_as="Loja", **{"column-1": ""}))
    job.refresh_from_db()
    saved = SavedMapping.objects.get()
    assert (saved.name, saved.mapping, saved.created_by) == ("Loja", job.mapping, marketer)
    assert job.matched_by == saved.matched_by == "email"

    other = upload(client, PEOPLE + b"C3;Cid;cid@mail.example;\n")
    assert (other.mapping == job.mapping, other.matched_by) == (False, "")
    assert "Loja" in client.get(page(other)).content.decode()
    client.post(page(other), {"act": "use", "saved": saved.pk})
    other.refresh_from_db()
    assert (other.mapping, other.matched_by) == (job.mapping, "email")

    url = reverse("admin:customers_savedmapping_change", args=[saved.pk])
    client.post(url, {"name": "Loja de Recife"})
    assert SavedMapping.objects.get().name == "Loja de Recife"
    client.post(reverse("admin:customers_savedmapping_delete", args=[saved.pk]), {"post": "yes"})
    assert not SavedMapping.objects.exists()
    assert client.post(page(other), {"act": "use", "saved": "x"}).status_code == 404
