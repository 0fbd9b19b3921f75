import pytest
from django.db import connection

from customers.models import Customer
from customers.queries.search import find, matching
from tests.factories import make_customer, make_order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    [
        "João",
        "joao",
        "CONCEICAO",
        "ceição jo",
        "joao.c@correio.example",
        " Joao.C@Correio.EXAMPLE ",
        "+5511987654321",
        "(11) 98765-4321",
        "011 98765 4321",
        "(11) 8765-4321",
        "+55 11 8765 4321",
        "joao conceisao",
        "concecao",
        "H-0042",
        "A-17",
    ],
)
def test_search_finds_the_person_however_they_are_named(text):
    joao = make_customer(
        first_name="João",
        last_name="Conceição",
        email="joao.c@correio.example",
        phone="+5511987654321",
        external_id="H-0042",
    )
    make_order(joao, external_id="A-17")
    make_customer(first_name="Renata", last_name="Silva", phone="+5511912345678")

    assert find(text) == [joao]


def test_search_finds_first_whose_name_begins_with_the_text():
    names = ["Adriana Reis", "Ana Reis", "Bia Santana", "Anabela Luz"]
    for first_name, last_name in map(str.split, names):
        make_customer(first_name=first_name, last_name=last_name)

    found = [str(customer) for customer in find("ana")]

    assert found == ["Ana Reis", "Anabela Luz", "Adriana Reis", "Bia Santana"]


def test_search_of_the_beginning_of_a_name_reads_no_more_than_an_index():
    begun = Customer.objects.present().filter(plain_name__startswith="zu")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")

    plan = begun.order_by("plain_name", "id")[:8].explain()

    assert "Index Cond: ((plain_name >= 'zu'" in plan


@pytest.mark.parametrize("text", ["", "   ", "xyz", "nobody@correio.example", "+5521900000000"])
def test_search_finds_nobody_whom_the_text_does_not_mean(text):
    make_customer()

    assert find(text) == []


def test_search_leaves_out_the_erased():
    make_customer(first_name="Zuleica", erased_at="2026-01-01T00:00Z")

    assert find("zuleica") == []


def test_search_takes_a_percent_sign_as_it_is():
    make_customer(first_name="Ana")

    assert find("%") == []


@pytest.mark.parametrize(
    "text", ["concei", "ana@mail.example", "+5511987654321", "order-77", "ana souza 2"]
)
def test_search_never_reads_the_whole_table(text):
    with connection.cursor() as cursor:
        # Neither the table nor an index from end to end: what remains are conditions on indexes.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")

    plan = matching(Customer.objects.present(), text).order_by("plain_name", "id")[:8].explain()

    assert "Bitmap Heap Scan on customers_customer" in plan
