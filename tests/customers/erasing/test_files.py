"""Files on their way do not bring back who was erased meanwhile."""

import pytest
from django.core.files.base import ContentFile

from customers.models import Customer
from customers.operations.erasing import erase
from customers.operations.imports import check, map_columns, start, undo, upload, work_on
from customers.operations.imports.undoing import work_on_undo
from tests.customers.erasing.canary import found_in_database
from tests.customers.imports.files import brought_in, checked, reasons
from tests.factories import NOW, make_customer, make_user

pytestmark = pytest.mark.django_db

PEOPLE = "id,first_name,city\nana,Zuleica,Botafogo\nbia,Bia,Recife\n"


def leave(customer):
    return erase(customer, by=None, reason="Asked for it", at=NOW)


def known():
    return set(Customer.objects.filter(erased_at=None).values_list("external_id", flat=True))


def test_a_file_that_names_them_later_is_told_so():
    leave(make_customer(external_id="ana"))

    job = brought_in("customers", PEOPLE)

    assert reasons(job) == [(2, "id", "ana", "erased_customer")]
    assert known() == {"bia"}


def test_a_file_that_was_checked_before_does_not_bring_them_back():
    ana = make_customer(external_id="ana")
    job = checked("customers", PEOPLE)

    leave(ana)
    assert found_in_database(["zuleica"]) == set()
    start(job, at=NOW)
    while work_on(job, at=NOW):
        pass

    assert known() == {"bia"}
    assert reasons(job) == [(2, "", "", "erased_customer")]


def test_an_undo_brings_nothing_of_them_back():
    ana = make_customer(external_id="ana", first_name="Zuleica")
    job = brought_in("customers", PEOPLE.replace("Zuleica", "Ana"))

    leave(ana)
    assert found_in_database(["zuleica"]) == set()
    undo(job, by=make_user(), at=NOW)
    while work_on_undo(job, at=NOW):
        pass

    assert Customer.objects.get(pk=ana.pk).first_name == ""
    assert known() == set()


def test_a_file_that_knows_them_by_their_mail_does_not_make_them_anew():
    ana = make_customer(email="ana@example.com")
    job = upload(
        ContentFile(b"email,first_name\nana@example.com,Ana\n", name="p.csv"),
        kind="customers",
        at=NOW,
    )
    job = check(map_columns(job, mapping=job.mapping, matched_by="email"), at=NOW)

    leave(ana)
    start(job, at=NOW)
    while work_on(job, at=NOW):
        pass

    assert known() == set()
