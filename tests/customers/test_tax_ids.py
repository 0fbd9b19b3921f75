import pytest
from django.urls import reverse

from common.enums import Role, Scope
from customers.models import Customer
from customers.queries.search import find
from customers.rules.cells import Unreadable, read_tax_id
from customers.rules.tax_ids import masked_tax_id, normal_tax_id, written_tax_id
from tests.api import api_client
from tests.factories import make_customer, make_user


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("529.982.247-25", "52998224725"),
        (" 52998224725 ", "52998224725"),
        ("11.222.333/0001-81", "11222333000181"),
        ("00.000.000/0001-91", "00000000000191"),  # Banco do Brasil
        # The example of the Receita Federal for numbers with letters.
        ("12.ABC.345/01DE-35", "12ABC34501DE35"),
        ("12abc34501de35", "12ABC34501DE35"),
        ("", ""),
        (" . - ", ""),
    ],
)
def test_a_tax_id_is_kept_without_points_and_strokes(text, number):
    assert normal_tax_id(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "529.982.247-24",  # the last digit
        "529.982.247-15",  # the last but one
        "111.111.111-11",  # nobody's, though its digits check
        "5299822472",
        "12.ABC.345/01DE-36",
        "12.ABC.345/01DE-3A",  # check digits are digits
        "ABC.982.247-25",  # only companies have letters
        "٥٢٩٩٨٢٢٤٧٢٥",
        "ana",
    ],
)
def test_what_cannot_be_a_tax_id_is_none(text):
    assert normal_tax_id(text) is None


def test_it_is_shown_as_people_write_it_and_masked_in_lists():
    assert written_tax_id("52998224725") == "529.982.247-25"
    assert masked_tax_id("52998224725") == "***.982.247-**"
    assert written_tax_id("12ABC34501DE35") == "12.ABC.345/01DE-35"
    assert masked_tax_id("12ABC34501DE35") == "12.ABC.345/01DE-35"
    assert (written_tax_id(""), masked_tax_id("")) == ("", "")


def test_a_file_gets_back_the_zeros_that_a_spreadsheet_took():
    assert read_tax_id("191") == "00000000191"
    assert read_tax_id("191000191") == "00191000191"
    with pytest.raises(Unreadable):
        read_tax_id("192")


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["529.982.247-25", "52998224725", "529 982 247 25"])
def test_search_finds_who_has_the_tax_id(text):
    ana = make_customer(tax_id="52998224725")
    make_customer(tax_id="11222333000181")

    assert find(text) == [ana]


@pytest.mark.django_db
def test_the_api_keeps_it_normal_finds_by_it_and_refuses_a_wrong_one():
    client = api_client(Scope.READ_CUSTOMERS, Scope.WRITE_CUSTOMERS)
    address = "/api/v1/customers/ana"

    kept = client.put(address, {"tax_id": "529.982.247-25"})
    refused = client.put(address, {"tax_id": "529.982.247-26"})
    found = client.get("/api/v1/customers", {"tax_id": "529.982.247-25"})
    not_found = client.get("/api/v1/customers", {"tax_id": "529.982.247-26"})

    assert kept.json()["tax_id"] == "52998224725"
    assert refused.status_code == 422
    assert (refused.json()["field"], refused.json()["code"]) == ("tax_id", "not_a_tax_id")
    assert [item["external_id"] for item in found.json()["results"]] == ["ana"]
    assert not_found.json()["results"] == []


@pytest.mark.django_db
def test_staff_edit_it_as_people_write_it(client):
    ana = make_customer(tax_id="52998224725")
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    address = reverse("admin:customers_customer_change", args=[ana.pk])
    form = client.get(address).context["adminform"].form
    facts = {
        name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()
    }

    assert facts["tax_id"] == "529.982.247-25"
    refused = client.post(address, {**facts, "tax_id": "1"})
    assert list(refused.context["errors"]) == [
        ["This is not a CPF or CNPJ: its check digits are wrong."]
    ]
    client.post(address, {**facts, "tax_id": "11.222.333/0001-81"})
    assert Customer.objects.get(pk=ana.pk).tax_id == "11222333000181"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", [" ana@CAFÉ.example", "ana@xn--caf-dma.example", "ANA@café.EXAMPLE "]
)
def test_a_domain_with_accents_is_one_however_it_is_written(text):
    client = api_client(Scope.WRITE_CUSTOMERS)
    client.put("/api/v1/customers/ana", {"email": "Ana@Café.example"})

    assert [customer.email for customer in find(text)] == ["ana@xn--caf-dma.example"]
