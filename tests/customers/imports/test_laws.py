"""What holds for every file: neither the order of its rows nor its parts decide anything."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Customer, ImportJob
from tests.customers.imports.files import brought_in, tables
from tests.factories import make_attribute, make_customer, make_product

pytestmark = pytest.mark.django_db

# Each example undoes what it wrote, so that the database may serve them all.
every = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

NAMES = st.sampled_from(["", "Ana", "Bia ", "'=1+1", 'Zé "Q"', "a\\b"])
EMAILS = st.sampled_from(["", "ana@mail.example", " BIA@Mail.example", "oops"])
DAYS = st.sampled_from(["", "31/12/1980", "1980-12-31", "30/02/1980"])
NUMBERS = st.lists(st.integers(1, 40), unique=True, min_size=1, max_size=8)


def quoted(cells: list[object]) -> str:
    return ",".join('"{}"'.format(str(cell).replace('"', '""')) for cell in cells)


@st.composite
def people(draw) -> list[list[str]]:
    """Draw lines about customers, one for each number."""
    return [
        [quoted([f"C{n}", draw(NAMES), draw(EMAILS), draw(DAYS), draw(NAMES)])]
        for n in draw(NUMBERS)
    ]


@st.composite
def orders(draw) -> list[list[str]]:
    """Draw the lines of orders, one list for each order."""
    line = st.tuples(
        st.sampled_from(["P1", "P2", "P9"]),
        st.sampled_from(["1", "0,5"]),
        st.sampled_from(["1.50", "2", "x"]),
    )
    return [
        [
            quoted([f"O{n}", f"C{n % 3}", "2026-01-05", *cells])
            for cells in draw(st.lists(line, min_size=1, max_size=3))
        ]
        for n in draw(NUMBERS)
    ]


HEADERS = {
    "customers": "id,nome,email,nascimento,profile",
    "orders": "order,customer,ordered_at,sku,quantity,total",
}


def outcome(kind: str, files: list[list[str]]) -> list[object]:
    """Bring the files in and return all tables, ids and numbers of lines apart; then undo it."""
    with transaction.atomic():
        for lines in files:
            brought_in(kind, "\n".join([HEADERS[kind], *lines]))
        jobs = ImportJob.objects.all()
        found = [
            *tables(),
            list(
                Customer.objects.order_by("external_id").values_list(
                    "external_id", "first_name", "email", "email_hash", "birth_date",
                    "attributes", "registered_at", "stage",
                )
            ),
            sorted(
                (row.column, row.value, row.reason)
                for job in jobs
                for row in job.rejected_rows.exclude(reason="sibling_rejected")
            ),
            sum(job.rejected_count for job in jobs),
            sum(job.created_count for job in jobs),
            sum(job.updated_count for job in jobs),
        ]  # fmt: skip
        transaction.set_rollback(True)
    return found


@pytest.fixture
def a_small_shop():
    make_attribute("profile", type="text")
    for number in range(3):
        make_customer(external_id=f"C{number}", first_name="Ana", attributes={"profile": "Bia"})
    for sku in ("P1", "P2"):
        make_product(sku=sku)


@pytest.mark.parametrize(("kind", "units"), [("customers", people()), ("orders", orders())])
def test_any_order_and_any_split_of_a_file_give_the_same_tables(a_small_shop, kind, units):
    @every
    @given(drawn=units, data=st.data())
    def law(drawn, data):
        whole = outcome(kind, [[line for lines in drawn for line in lines]])

        order = data.draw(st.permutations(drawn))
        cut = data.draw(st.integers(0, len(order)))
        files = [
            data.draw(st.permutations([line for lines in part for line in lines]))
            for part in (order[:cut], order[cut:])
        ]

        assert outcome(kind, files) == whole

    law()
