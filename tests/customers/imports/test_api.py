from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from common.enums import Scope
from common.models import AuditEntry
from customers.models import Customer, ImportJob, SavedMapping
from customers.operations.imports import work_on_imports
from tests.api import api_client
from tests.factories import NOW, make_customer

pytestmark = pytest.mark.django_db

PEOPLE = "id,email\nC1,ana@mail.example\nC2,oops\nC3,oops\n"


@pytest.fixture
def client():
    return api_client(Scope.IMPORT)


def bring(client, content=PEOPLE, *, kind="customers", name="people.csv", **wishes):
    data = content if isinstance(content, bytes) else content.encode()
    facts = {"file": ContentFile(data, name=name), "kind": kind, **wishes}
    return client.post("/api/v1/imports", facts, format="multipart")


def work():
    work_on_imports(clock=lambda: NOW)


def get(client, job, rest=""):
    return client.get(f"/api/v1/imports/{job}{rest}").json()


def test_a_file_is_brought_checked_started_and_undone(client):
    brought = bring(client)
    job = brought.json()["id"]
    work()
    checked = get(client, job)
    started = client.post(f"/api/v1/imports/{job}/start")
    again = client.post(f"/api/v1/imports/{job}/start")
    work()
    done = get(client, job)

    assert brought.status_code == 201
    assert (brought.json()["state"], brought.json()["preview"]) == ("checking", None)
    assert (checked["state"], checked["mapping"]) == (
        "ready",
        {"id": "external_id", "email": "email"},
    )
    assert checked["preview"] == {
        "create": 1,
        "update": 0,
        "unchanged": 0,
        "reject": 2,
        "touched": [],
    }
    assert (started.status_code, again.status_code) == (202, 202)
    assert (done["state"], done["created_count"], done["rejected_count"]) == ("done", 1, 2)
    assert Customer.objects.get().external_id == "C1"
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "customers.file_brought",
        "customers.import_started",
        "customers.import_started",
    ]

    ImportJob.objects.update(finished_at=ImportJob.objects.get().created_at)
    undone = client.post(f"/api/v1/imports/{job}/undo")
    work()

    assert undone.status_code == 202
    assert get(client, job)["undone"] == {"removed": 1}
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("start", "content", "state"),
    [
        ("ask", "id\nC1\n", "ready"),
        ("auto", "id\nC1\n", "done"),
        ("auto", PEOPLE, "ready"),
        ("after_check", PEOPLE, "done"),
    ],
)
def test_a_file_comes_in_by_itself_as_far_as_that_was_said(client, start, content, state):
    job = bring(client, content, start=start).json()["id"]

    work()

    assert get(client, job)["state"] == state


def test_rejected_rows_are_told_in_pages_and_as_a_file(client):
    job = bring(client).json()["id"]
    work()

    first = client.get(f"/api/v1/imports/{job}/rejected?page_size=1").json()
    second = client.get(first["next"]).json()
    file = b"".join(client.get(f"/api/v1/imports/{job}/rejected.csv").streaming_content)

    wrong = {
        "column": "email",
        "value": "oops",
        "reason": "not_email",
        "message": "This is not an e-mail address.",
    }
    assert first["results"] == [{"line": 3, **wrong}]
    assert second == {"next": None, "results": [{"line": 4, **wrong}]}
    assert file.decode().splitlines()[1] == (
        '"C2","oops","3","email","This is not an e-mail address."'
    )


def test_columns_are_what_the_call_says(client):
    said = bring(client, "who,what\nC1,Ana\n", mapping='{"who": "external_id", "what": ""}')

    assert said.status_code == 201
    assert said.json()["mapping"] == {"who": "external_id"}


def test_people_are_matched_by_what_the_call_says(client):
    make_customer(external_id="C7", email="ana@mail.example", first_name="Ana")

    job = bring(
        client, "email,nome\nana@mail.example,Bia\n", matched_by="email", start="after_check"
    ).json()["id"]
    work()

    told = get(client, job)
    assert (told["state"], told["updated_count"], told["matched_by"]) == ("done", 1, "email")
    assert Customer.objects.get().first_name == "Bia"


def test_columns_are_mapped_as_somebody_saved_it(client):
    SavedMapping.objects.create(kind="customers", name="Till", mapping={"who": "external_id"})

    brought = bring(client, "who,nome\nC1,Ana\n", saved_mapping="Till")

    assert brought.json()["mapping"] == {"who": "external_id"}


@pytest.mark.parametrize(
    ("content", "wishes", "code", "field"),
    [
        ("who\nC1\n", {}, "wrong_mapping", "external_id"),
        ("who\nC1\n", {"mapping": '{"what": "external_id"}'}, "wrong_mapping", "mapping"),
        ("who\nC1\n", {"mapping": '{"who": "shoe"}'}, "wrong_mapping", ""),
        ("who\nC1\n", {"mapping": "[1]"}, "invalid", "mapping"),
        ("who\nC1\n", {"mapping": "{"}, "invalid", "mapping"),
        ("id\nC1\n", {"saved_mapping": "Till"}, "wrong_mapping", "saved_mapping"),
        ("id\nC1\n", {"matched_by": "shoe"}, "wrong_mapping", "matched_by"),
        ("id,id\nC1,C1\n", {}, "bad_file", "file"),
        ("id\nC1\n", {"kind": "ufos"}, "unknown_file_kind", "kind"),
        ("id\nC1\n", {"start": "now"}, "invalid_choice", "start"),
        (b"PK\x03\x04 no zip at all", {"name": "p.zip"}, "bad_file", ""),
    ],
)
def test_what_cannot_be_brought_leaves_nothing(client, content, wishes, code, field):
    answer = bring(client, content, **wishes)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        code,
        field,
    )
    assert not ImportJob.objects.exists()
    kept = default_storage.listdir("")[0]
    assert not any(files(folder) for folder in kept)


def files(folder: str) -> list[str]:
    folders, found = default_storage.listdir(folder)
    return found + [name for inner in folders for name in files(f"{folder}/{inner}")]


def test_a_repeated_call_is_the_same_import_and_the_same_file_later_is_recognised(client):
    first = bring(client, start="auto")
    repeated = bring(client, start="auto")
    other = bring(client, start="after_check")
    work()
    later = bring(client, start="after_check")

    assert (repeated.status_code, repeated.json()["id"]) == (200, first.json()["id"])
    assert (other.status_code, later.status_code) == (201, 201)
    assert later.json()["same_file"] == [other.json()["id"]]


def test_one_csv_in_a_zip_is_taken_out(client):
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("people.csv", PEOPLE)

    job = bring(client, packed.getvalue(), name="people.zip", start="after_check").json()["id"]
    work()

    assert get(client, job)["created_count"] == 1


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client, settings):
    settings.IMPORT_LARGEST_BYTES = 40

    kept = bring(client, "id\n" + "C1\n" * 10)
    large = bring(client, "id\n" + "C1\n" * 20)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 0
    unread = bring(client)

    assert (kept.status_code, large.status_code, unread.status_code) == (201, 413, 413)
    assert (large.json()["code"], unread.json()["code"]) == ("file_too_large", "too_large")


def test_imports_are_listed_and_stopped(client):
    job = bring(client).json()["id"]
    bring(client, "id\nC9\n", kind="customers")

    stopped = client.post(f"/api/v1/imports/{job}/cancel")
    again = client.post(f"/api/v1/imports/{job}/start")
    found = client.get("/api/v1/imports?state=cancelled").json()["results"]

    assert (stopped.status_code, stopped.json()["state"]) == (200, "cancelled")
    assert (again.status_code, again.json()["code"]) == (409, "not_now")
    assert [(row["id"], row["kind"], row["file_name"]) for row in found] == [
        (job, "customers", "people.csv")
    ]
