"""Columns that are attributes: read by their type, declared on the way."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.enums import Role
from customers.models import AttributeDefinition, Customer, ImportJob
from customers.operations.attributes import retire_attribute
from customers.operations.imports import (
    WrongMapping,
    check,
    map_columns,
    upload,
    work_on_imports,
)
from tests.customers.imports.files import brought_in, checked, counts, reasons
from tests.factories import NOW, make_attribute, make_customer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def declared():
    make_attribute("shoe_size", label="Tamanho", type="number")
    make_attribute("credit", type="money")
    make_attribute("met_on", type="date")
    make_attribute("called_at", type="moment")
    make_attribute("has_dog", type="boolean")
    make_attribute("tier", type="choice", choices=["Ouro", "Prata"])
    make_attribute("teas", type="list")
    make_attribute("note", type="text")


def test_each_column_is_read_by_the_type_of_its_attribute(declared):
    make_customer(external_id="C2", attributes={"shoe_size": 37, "tier": "Prata", "old": "x"})

    job = brought_in(
        "customers",
        "id;Tamanho;credit;met_on;called_at;has_dog;tier;teas;note\n"
        "C1;38,5;1.234,50;31/12/2020;31/12/2020 12:30;sim;OURO;mate|chá preto;"
        '"says ""olá"", \\o/"\n'
        "C2;;;;;não;;;'=1+1\n",
    )

    assert counts(job) == {"created": 1, "updated": 1, "unchanged": 0, "rejected": 0}
    assert dict(Customer.objects.values_list("external_id", "attributes")) == {
        "C1": {
            "shoe_size": 38.5,
            "credit": 1234.5,
            "met_on": "2020-12-31",
            "called_at": "2020-12-31T15:30:00+00:00",
            "has_dog": True,
            "tier": "Ouro",
            "teas": ["mate", "chá preto"],
            "note": 'says "olá", \\o/',
        },
        "C2": {"shoe_size": 37, "tier": "Prata", "old": "x", "has_dog": False, "note": "=1+1"},
    }


def test_the_same_values_written_otherwise_change_nothing(declared):
    make_customer(external_id="C1", attributes={"shoe_size": 38, "met_on": "2020-12-31"})

    job = brought_in("customers", "id,shoe_size,met_on\nC1,38.0,31/12/2020\n")

    assert counts(job) == {"created": 0, "updated": 0, "unchanged": 1, "rejected": 0}


def test_every_wrong_cell_is_told_by_its_type(declared):
    job = checked(
        "customers",
        "id,email,shoe_size,met_on,has_dog,tier\n"
        "C1,oops,big,31/02/2020,perhaps,Bronze\n"
        "C2,,38,,,ouro\n",
    )

    assert reasons(job) == [
        (2, "email", "oops", "not_email"),
        (2, "shoe_size", "big", "not_number"),
        (2, "met_on", "31/02/2020", "not_date"),
        (2, "has_dog", "perhaps", "not_yes_or_no"),
        (2, "tier", "Bronze", "not_one_of"),
    ]
    row = job.rejected_rows.get(reason="not_one_of")
    assert row.sentence == "This is not one of: Ouro, Prata."
    assert job.preview["create"] == 1


def test_a_column_without_a_field_or_an_attribute_is_left_out(declared):
    job = checked("customers", "id,Tier,hat_size\nC1,Ouro,7\n")

    assert job.mapping == {"id": "external_id", "Tier": "extra.tier"}


def test_no_column_fills_what_is_not_declared():
    job = upload(SimpleUploadedFile("people.csv", b"id,hat\nC1,7\n"), kind="customers", at=NOW)

    with pytest.raises(WrongMapping):
        map_columns(job, mapping={"id": "external_id", "hat": "extra.hat"})


def test_an_attribute_that_is_retired_meanwhile_refuses_the_file_and_is_forgotten(declared):
    header = b"id,tier\n"
    job = upload(SimpleUploadedFile("a.csv", header + b"C1,Ouro\n"), kind="customers", at=NOW)
    job = map_columns(job, mapping=job.mapping)
    retire_attribute(AttributeDefinition.objects.get(code="tier"), by=None, at=NOW)

    refused = check(job, at=NOW)

    assert refused.refusal == "There is no attribute “tier” any more. Map the columns again."
    ImportJob.objects.filter(pk=job.pk).update(state="done")
    again = upload(SimpleUploadedFile("b.csv", header + b"C2,Ouro\n"), kind="customers", at=NOW)
    assert again.mapping == {"id": "external_id"}


def test_events_keep_any_column():
    make_customer(external_id="C1")
    job = checked(
        "events",
        "kind,customer,date,reference,page\ncustomers.registered,C1,2026-01-05,r1,home\n",
    )

    assert job.mapping["page"] == "extra.page"
    assert reasons(job) == []


# Declared on the way

PEOPLE = b"id;Perfil;Calcado\nC1;gold;38,5\nC2;silver;40\n"


@pytest.fixture
def marketer(client):
    user = make_user(role=Role.MARKETING)
    client.force_login(user)
    return user


@pytest.fixture
def job(client, marketer):
    file = SimpleUploadedFile("people.csv", PEOPLE, content_type="text/csv")
    client.post(reverse("admin:customers_importjob_add"), {"kind": "customers", "file": file})
    return ImportJob.objects.get()


def page(job):
    return reverse("admin:customers_importjob_change", args=[job.pk])


def new(column, **facts):
    told = {"category": "demographic", "choices": "", **facts}
    return {column: "new"} | {f"{column}-{name}": value for name, value in told.items()}


def test_a_column_becomes_a_new_attribute_on_the_way(client, marketer, job):
    form = client.get(page(job)).context["form"]
    assert [new.initial for _field, new in form.columns()] == [
        {"label": "id", "type": "text"},
        {"label": "Perfil", "type": "text"},
        {"label": "Calcado", "type": "number"},
    ]

    client.post(
        page(job),
        {
            "act": "check",
            "column-0": "external_id",
            **new("column-1", label="Perfil", type="choice", choices="Gold\nSilver"),
            **new("column-2", label="Calçado", type="number", category="purchase"),
        },
    )
    work_on_imports(clock=lambda: NOW)
    client.post(page(job), {"act": "start"})
    work_on_imports(clock=lambda: NOW)

    declared = AttributeDefinition.objects.order_by("code")
    assert list(declared.values_list("code", "label", "type", "category", "choices")) == [
        ("calcado", "Calçado", "number", "purchase", []),
        ("perfil", "Perfil", "choice", "demographic", ["Gold", "Silver"]),
    ]
    assert dict(Customer.objects.values_list("external_id", "attributes")) == {
        "C1": {"perfil": "Gold", "calcado": 38.5},
        "C2": {"perfil": "Silver", "calcado": 40},
    }


def test_nothing_is_declared_when_the_mapping_is_wrong(client, marketer, job):
    answer = client.post(
        page(job), {"act": "check", **new("column-2", label="Calçado", type="number")}
    )

    assert "Say which column is" in answer.content.decode()
    assert not AttributeDefinition.objects.exists()


def test_what_is_wrong_with_a_new_attribute_is_told_beside_it(client, marketer, job):
    answer = client.post(
        page(job),
        {
            "act": "check",
            "column-0": "external_id",
            **new("column-1", label="Perfil", type="choice"),
            **new("column-2", label="!", type="number"),
        },
    )

    errors = [form.errors for _field, form in answer.context["form"].columns() if form.is_bound]
    assert errors == [
        {"choices": ["Say what can be chosen."]},
        {"label": ["Use letters or digits."]},
    ]
    assert not AttributeDefinition.objects.exists()


def test_another_attribute_of_the_same_name_is_told_on_the_page(client, marketer, job):
    make_attribute("perfil", type="number")

    answer = client.post(
        page(job),
        {
            "act": "check",
            "column-0": "external_id",
            **new("column-1", label="Perfil", type="text"),
        },
    )

    assert "There is another attribute" in answer.content.decode()
