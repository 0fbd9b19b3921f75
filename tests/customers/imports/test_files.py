"""What people send: other encodings, other marks, and files that are broken in every way."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from customers.models import Customer, Event, ImportJob
from customers.operations.imports import (
    UnknownFileKind,
    WrongMapping,
    check,
    inspect,
    map_columns,
    read_again,
    rejected_csv,
    start,
    upload,
    work_on_imports,
)
from tests.customers.imports.files import brought_in, checked, counts, reasons
from tests.factories import NOW, make_customer, make_product

pytestmark = pytest.mark.django_db

PEOPLE = "Código;Nome;E-mail;Nascimento;Telefone\nC1;Antônio;ANTONIO@Mail.example ;31/12/1980;\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encoding_delimiter_and_portuguese_headers_are_found(encoding):
    job = brought_in("customers", PEOPLE.encode(encoding))

    assert (job.encoding, job.delimiter) == (encoding, ";")
    antonio = Customer.objects.get(external_id="C1")
    assert (antonio.first_name, antonio.email, str(antonio.birth_date)) == (
        "Antônio",
        "antonio@mail.example",
        "1980-12-31",
    )
    assert antonio.email_hash


def test_inspection_shows_the_head_and_a_suggestion():
    job = upload(ContentFile(PEOPLE.encode(), name="../../etc/p.csv"), kind="customers", at=NOW)

    found = inspect(job)

    assert job.file_name == "p.csv"
    assert ".." not in str(job.file)
    assert found.header == ["Código", "Nome", "E-mail", "Nascimento", "Telefone"]
    assert found.sample == [["C1", "Antônio", "ANTONIO@Mail.example ", "31/12/1980", ""]]
    assert found.suggestion == {
        "Código": "external_id",
        "Nome": "first_name",
        "E-mail": "email",
        "Nascimento": "birth_date",
        "Telefone": "phone",
    }


def test_another_delimiter_can_be_chosen():
    odd = b"id|name, whole, in, full|e-mail\nC1|Souza, Ana|ana@mail.example\n"
    job = upload(ContentFile(odd, name="p.csv"), kind="customers", at=NOW)
    assert job.delimiter == ","

    job = read_again(job, encoding="utf-8", delimiter="|")

    assert job.mapping["id"] == "external_id"
    assert job.mapping["e-mail"] == "email"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"id,email,email\nC1,a@b.example,\n", "The column “email” stands 2 times"),
        (b'id,email\nC1,a@b.example\nC2,"b@b.example\nC3,\n', "begins on line 3 cannot be read"),
        (b'id,email\nC1,"a@b.example\nC2,"b@b.example"\n', "begins on line 2 cannot be read"),
        (b"id,em\0ail\nC1,\n", "is this a CSV file?"),
    ],
)
def test_a_bad_file_is_refused_whole_and_says_where(content, sentence):
    job = checked("customers", content)

    assert job.state == "refused"
    assert sentence in job.refusal
    assert Customer.objects.count() == 0
    assert reasons(job) == []


def test_a_file_that_is_not_in_its_encoding_is_refused_with_the_line():
    content = b"id,first_name\n" + b"C1,Ana\n" * 5 + b"C7,Jos\xe9\n"
    job = upload(ContentFile(content, name="p.csv"), kind="customers", at=NOW)
    assert job.encoding == "cp1252"

    job = read_again(job, encoding="utf-8", delimiter=",")

    assert job.state == "refused"
    assert "Line 7 is not text in utf-8" in job.refusal


def test_a_mapping_must_name_what_every_row_needs():
    job = upload(ContentFile(b"id,mail\nC1,a@b.example\n", name="p"), kind="customers", at=NOW)

    with pytest.raises(WrongMapping) as refused:
        map_columns(job, mapping={"mail": "email"})
    with pytest.raises(WrongMapping):
        map_columns(job, mapping={"id": "external_id", "mail": "external_id"})
    with pytest.raises(WrongMapping):
        map_columns(job, mapping={"id": "external_id", "mail": "password"})

    assert refused.value.field == "external_id"


def test_a_file_of_a_kind_that_nobody_declares_is_refused():
    with pytest.raises(UnknownFileKind):
        upload(ContentFile(b"", name="p.csv"), kind="spells", at=NOW)


def test_a_bad_row_is_rejected_with_line_column_value_and_reason_and_stops_no_other():
    content = (
        "id,first_name,email,birth_date,gender,phone\n"
        "C1,Ana,ana@mail.example,1990-02-28,f,(11) 98765-4321\n"
        'C2,"two\nlines",b@mail.example,,,\n'
        "C3,too,few\n"
        "C4,B,not an address,30/02/1990,?,12\n"
        ",Nobody,c@mail.example,,,\n"
        "C6,N\0UL,,,,\n"
        f"C7,{'x' * 40_000},,,,\n"
        f"C8,{'y' * 200},,,,\n"
        "\n"
        "C9,Bia,,,,\n"
    )

    job = brought_in("customers", content)

    assert counts(job) == {"created": 3, "updated": 0, "unchanged": 0, "rejected": 6}
    assert reasons(job) == [
        (5, "", "3", "cell_count"),
        (6, "email", "not an address", "not_email"),
        (6, "birth_date", "30/02/1990", "not_date"),
        (6, "gender", "?", "not_choice"),
        (6, "phone", "12", "not_phone"),
        (7, "id", "", "required"),
        (8, "first_name", "N␀UL", "not_text"),
        (9, "first_name", "x" * 200, "cell_too_long"),
        (10, "first_name", "y" * 200, "too_long"),
    ]
    ana = Customer.objects.get(external_id="C1")
    assert (ana.phone, ana.gender) == ("+5511987654321", "female")
    assert Customer.objects.get(external_id="C2").first_name == "two\nlines"


def test_rows_that_contradict_each_other_are_rejected_naming_each_other():
    content = "id,first_name\nC1,Ana\nC2,Bia\nC1,Anna\nC3,Cid\nC1,Ana\nC3,Cid\n"

    job = brought_in("customers", content)

    assert counts(job) == {"created": 2, "updated": 0, "unchanged": 1, "rejected": 3}
    assert reasons(job) == [
        (2, "id", "4", "repeated"),
        (4, "id", "2", "repeated"),
        (6, "id", "2", "repeated"),
    ]


def test_an_unknown_customer_or_product_is_a_rejected_row():
    make_customer(external_id="C1")
    make_product(sku="P1")
    content = (
        "order,customer,ordered_at,sku,quantity,total\n"
        "O1,C1,2026-01-05,P1,1,10\n"
        "O2,C9,2026-01-05,P1,1,10\n"
        "O3,C1,2026-01-05,P9,1,10\n"
        "O3,C1,2026-01-05,P1,1,10\n"
    )

    job = brought_in("orders", content)

    assert counts(job) == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 3}
    assert reasons(job) == [
        (3, "customer", "C9", "unknown_customer"),
        (4, "sku", "P9", "unknown_product"),
        (5, "order", "4", "sibling_rejected"),
    ]


def test_an_erased_customer_does_not_come_back():
    make_customer(external_id="C1", erased_at=NOW)

    job = brought_in("customers", "id,first_name\nC1,Ana\n")

    assert reasons(job) == [(2, "id", "C1", "erased_customer")]


def test_rejected_rows_are_downloaded_mended_and_brought_again():
    content = "id,first_name,email,city\nC1,Ana,oops,=1+1\nC2,Bia,b@mail.example,Recife\n"
    job = brought_in("customers", content)

    download = "".join(rejected_csv(job))

    assert download == (
        '"id","first_name","email","city",'
        '"rejected_line","rejected_column","rejected_reason"\r\n'
        '"C1","Ana","oops","\'=1+1","2","email","This is not an e-mail address."\r\n'
    )
    again = brought_in("customers", download.replace("oops", "ana@mail.example"))
    assert counts(again) == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 0}
    ana = Customer.objects.get(external_id="C1")
    assert (ana.city, ana.attributes) == ("=1+1", {})


def test_a_check_brings_nothing_in_and_foresees_what_will_happen():
    make_customer(external_id="C1", first_name="Ana")
    make_customer(external_id="C2", first_name="Bia")

    job = checked("customers", "id,first_name\nC1,Ana\nC2,Beatriz\nC3,Cid\n,Nobody\n")

    assert (job.state, job.row_count) == ("ready", 4)
    assert job.preview == {
        "create": 1,
        "update": 1,
        "unchanged": 1,
        "reject": 1,
        "touched": [],
    }
    assert not Customer.objects.filter(external_id="C3").exists()
    assert not Event.objects.filter(kind="customers.file_imported").exists()


def test_a_check_that_somebody_is_at_is_left_alone_and_a_dead_one_is_begun_anew():
    job = upload(ContentFile(b"id\nC1\n", name="p.csv"), kind="customers", at=NOW)
    job = map_columns(job, mapping=job.mapping)
    type(job).objects.filter(pk=job.pk).update(lease_until=NOW + timedelta(minutes=1))

    assert check(job, at=NOW).state == "checking"
    assert check(job, at=NOW + timedelta(minutes=2)).state == "ready"


def test_a_check_that_was_taken_over_meanwhile_adds_nothing(monkeypatch):
    monkeypatch.setattr("customers.operations.imports.staging.BLOCK", 1)
    job = upload(ContentFile(b"id\nC1\nC2\nC3\n", name="p.csv"), kind="customers", at=NOW)
    job = map_columns(job, mapping=job.mapping)
    successors: list[ImportJob] = []

    def take_over(_job):
        if not successors:
            successor = ImportJob.objects.get(pk=job.pk)
            successors.append(check(successor, at=NOW + timedelta(minutes=5)))

    slow = check(job, at=NOW, progress=take_over)

    assert [(job.state, job.row_count) for job in (*successors, slow)] == [("ready", 3)] * 2
    assert slow.preview["create"] == 3


def test_what_was_judged_outlives_a_crash_of_the_database():
    job = checked("customers", "id\nC1\n")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relpersistence FROM pg_class WHERE relname = %s", [f"import_rows_{job.pk}"]
        )
        assert cursor.fetchone() == ("p",)


def test_a_file_that_is_gone_holds_up_no_other():
    gone, fine = (
        upload(ContentFile(b"id\nC1\n", name="p.csv"), kind="customers", at=NOW) for _ in "12"
    )
    for job in (gone, fine):
        map_columns(job, mapping=job.mapping)
    Path(gone.file.path).unlink()

    work_on_imports(clock=lambda: NOW)

    assert [ImportJob.objects.get(pk=job.pk).state for job in (gone, fine)] == [
        "checking",
        "ready",
    ]


def test_a_file_with_the_same_header_is_mapped_as_the_last_one_was():
    content = b"id,nome,apelido\nC1,Ana,Aninha\n"
    first = upload(ContentFile(content, name="a.csv"), kind="customers", at=NOW)
    mapping = {"id": "external_id", "apelido": "first_name"}
    assert first.mapping != mapping
    start(check(map_columns(first, mapping=mapping), at=NOW), at=NOW)
    work_on_imports(clock=lambda: NOW)

    again = upload(ContentFile(content, name="b.csv"), kind="customers", at=NOW)
    other = upload(ContentFile(b"id,nome\nC1,Ana\n", name="c.csv"), kind="customers", at=NOW)

    assert again.mapping == mapping
    assert other.mapping == {"id": "external_id", "nome": "first_name"}
