"""A zip with one CSV is as good as the CSV; every other zip is refused and leaves nothing."""

import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.enums import Role
from customers.models import Customer, ImportJob
from customers.operations.imports import BadFile, upload
from customers.operations.imports.archives import ALWAYS_ALLOWED
from tests.customers.imports.files import brought_in
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db

PEOPLE = b"id,nome\nC1,Ana\nC2,Bia\n"


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def link() -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        entry = ZipInfo("people.csv")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


def encrypted() -> bytes:
    """Set the flag that says so, in the entry's own header and in the list of entries."""
    data = bytearray(zipped({"people.csv": PEOPLE}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying_bomb() -> bytes:
    """A bomb whose headers say that it is small."""
    data = bytearray(zipped({"people.csv": b"0" * (ALWAYS_ALLOWED * 2)}))
    struct.pack_into("<I", data, 22, 100)
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 100)
    return bytes(data)


def test_the_csv_in_a_zip_comes_in_as_it_would_alone():
    alone = brought_in("customers", PEOPLE)
    Customer.objects.all().delete()

    packed = brought_in("customers", zipped({"People.CSV": PEOPLE}))

    assert sorted(Customer.objects.values_list("first_name", flat=True)) == ["Ana", "Bia"]
    # Packed or not, it is the same file.
    assert packed.file_sha256 == alone.file_sha256


ONE_FILE = "exactly one file"
UNREADABLE = "damaged or encrypted"
TOO_LARGE = "suspiciously large"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(zipped({}), ONE_FILE, id="nothing"),
        pytest.param(zipped({"a.csv": PEOPLE, "b.csv": PEOPLE}), ONE_FILE, id="two files"),
        pytest.param(zipped({"../people.csv": PEOPLE}), ONE_FILE, id="a path upwards"),
        pytest.param(zipped({"/etc/people.csv": PEOPLE}), ONE_FILE, id="an absolute path"),
        pytest.param(zipped({"..\\people.csv": PEOPLE}), ONE_FILE, id="a path of Windows"),
        pytest.param(zipped({"people.csv/": b""}), ONE_FILE, id="a folder"),
        pytest.param(link(), ONE_FILE, id="a link"),
        pytest.param(zipped({"people.exe": PEOPLE}), ONE_FILE, id="another kind of file"),
        pytest.param(zipped({"a.zip": zipped({"a.csv": PEOPLE})}), ONE_FILE, id="nested"),
        pytest.param(
            zipped({"a.csv": zipped({"a.csv": PEOPLE})}), ONE_FILE, id="nested under cover"
        ),
        pytest.param(zipped({"a.csv": PEOPLE})[:-30], UNREADABLE, id="cut off"),
        pytest.param(encrypted(), UNREADABLE, id="encrypted"),
        pytest.param(zipped({"a.csv": b"0" * (ALWAYS_ALLOWED + 1)}), TOO_LARGE, id="a bomb"),
        pytest.param(lying_bomb(), UNREADABLE, id="a bomb that lies"),
    ],
)
def test_other_archives_are_refused_and_leave_nothing(content, reason, tmp_path):
    with pytest.raises(BadFile, match=reason):
        upload(ContentFile(content, name="people.zip"), kind="customers", at=NOW)

    assert not ImportJob.objects.exists()
    assert not list(tmp_path.rglob("*"))


def test_the_page_says_why_an_archive_is_refused(client):
    client.force_login(make_user(role=Role.MARKETING))
    file = SimpleUploadedFile("people.zip", zipped({"a.csv": PEOPLE, "b.csv": PEOPLE}))

    answer = client.post(
        reverse("admin:customers_importjob_add"), {"kind": "customers", "file": file}
    )

    assert ONE_FILE in answer.content.decode()
