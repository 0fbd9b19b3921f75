"""By which column the rows of a file are matched with whom the shop knows."""

import pytest
from django.core.files.base import ContentFile

from customers.models import Customer
from customers.operations.imports import (
    WrongMapping,
    check,
    map_columns,
    start,
    upload,
    work_on,
)
from tests.customers.imports.files import counts, reasons
from tests.factories import NOW, make_customer

pytestmark = pytest.mark.django_db


def matched(content: str, *, by: str):
    """Return the finished job of a file of customers matched by this column."""
    job = upload(ContentFile(content.encode(), name="people.csv"), kind="customers", at=NOW)
    job = check(map_columns(job, mapping=job.mapping, matched_by=by), at=NOW)
    assert job.refusal == ""
    start(job, at=NOW)
    while work_on(job, at=NOW):
        pass
    job.refresh_from_db()
    return job


@pytest.mark.parametrize(
    ("by", "known", "written", "new"),
    [
        ("email", "ana@mail.example", "ANA@mail.example", "bia@mail.example"),
        ("phone", "+5511987654321", "(11) 98765-4321", "(21) 91234-5678"),
        ("tax_id", "52998224725", "529.982.247-25", "111.444.777-35"),
    ],
)
def test_rows_are_matched_by_what_was_chosen(by, known, written, new):
    ana = make_customer(external_id="C1", city="Natal", **{by: known})

    job = matched(f"{by},city\n{written},Recife\n{new},Olinda\n", by=by)
    again = matched(f"{by},city\n{new},Olinda\n{written},Recife\n", by=by)

    assert counts(job) == {"created": 1, "updated": 1, "unchanged": 0, "rejected": 0}
    assert counts(again) == {"created": 0, "updated": 0, "unchanged": 2, "rejected": 0}
    ana.refresh_from_db()
    assert (ana.city, ana.external_id) == ("Recife", "C1")
    other = Customer.objects.exclude(pk=ana.pk).get()
    assert other.city == "Olinda"
    assert other.external_id.startswith("c-")


def test_what_several_customers_share_is_rejected_with_their_numbers():
    for number in ("C1", "C2"):
        make_customer(external_id=number, email="casa@mail.example")
    make_customer(external_id="C3", email="bia@mail.example")
    make_customer(external_id="C4", email="cid@mail.example")

    job = matched(
        "email,external_id,city\n"
        "casa@mail.example,,Recife\n"
        "bia@mail.example,C9,Recife\n"
        "new@mail.example,C4,Recife\n"
        "one@mail.example,N1,Recife\n"
        "two@mail.example,N1,Recife\n"
        "six@mail.example,,Recife\n"
        "six@mail.example,,Natal\n"
        ",,Natal\n",
        by="email",
    )

    assert reasons(job) == [
        (2, "email", "C1, C2", "ambiguous"),
        (3, "email", "C3", "other_number"),
        (4, "external_id", "C4", "number_taken"),
        (5, "external_id", "6", "repeated"),
        (6, "external_id", "5", "repeated"),
        (7, "email", "8", "repeated"),
        (8, "email", "7", "repeated"),
        (9, "email", "", "required"),
    ]
    assert Customer.objects.count() == 4


def test_a_file_cannot_be_matched_by_anything():
    job = upload(ContentFile(b"email\n", name="people.csv"), kind="customers", at=NOW)

    with pytest.raises(WrongMapping, match="cannot be matched by city"):
        map_columns(job, mapping=job.mapping, matched_by="city")
    with pytest.raises(WrongMapping, match="no row comes in without it"):
        map_columns(job, mapping=job.mapping, matched_by="phone")
