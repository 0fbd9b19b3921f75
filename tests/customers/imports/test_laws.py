"""What holds for every file: neither the order of its rows nor its parts decide anything."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Voucher
from customers.models import Cart, Case, Customer, ImportJob, Product
from loyalty.models import Lot
from loyalty.queries import faults
from tests.customers.imports.files import brought_in, tables
from tests.factories import make_attribute, make_customer, make_offer, make_product

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
DAYS_TO_COME = st.sampled_from(["", "31/12/2026", "30/02/2027"])
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


@st.composite
def carts(draw) -> list[list[str]]:
    """Draw the articles of carts, one list for each cart; each cart is somebody's, at one time."""
    article = st.tuples(
        st.sampled_from(["P1", "P2", "P9"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["3", "x"]),
    )
    return [
        [
            quoted([f"K{n}", f"C{n % 4}", "2026-01-05", *cells])
            for cells in draw(st.lists(article, min_size=1, max_size=3, unique_by=lambda a: a[0]))
        ]
        for n in draw(NUMBERS)
    ]


@st.composite
def rows_of(draw, *cells: st.SearchStrategy, key: str) -> list[list[str]]:
    """Draw rows of one line each, with a key of their own."""
    return [[quoted([f"{key}{n}", *(draw(cell) for cell in cells)])] for n in draw(NUMBERS)]


WHO = st.sampled_from(["C0", "C1", "C9"])
PRODUCTS = rows_of(
    NAMES, st.sampled_from(["", "Food > Bread"]), st.sampled_from(["1", "x"]), key="S"
)
CASES = rows_of(WHO, st.sampled_from(["phone", "pigeon"]), NAMES, st.just("2026-01-05"), key="K")
POINTS = rows_of(WHO, st.sampled_from(["1", "200", "-1", "1.500"]), DAYS_TO_COME, key="R")
CODES = rows_of(st.sampled_from(["Gift", "None"]), WHO, st.sampled_from(["", "3"]), key="CODE-")

HEADERS = {
    "products": "sku,name,category,price",
    "carts": "cart,customer,updated_at,sku,quantity,price",
    "cases": "case,customer,channel,subject,opened_at",
    "points": "reference,customer,points,expires_on",
    "vouchers": "code,offer,customer,use_limit",
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
            *others(),
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


def others() -> list[object]:
    """Return what the other kinds of file bring, ids apart."""
    told = {
        Product: ("sku", "name", "category", "price"),
        Cart: ("external_id", "customer__external_id", "item_count", "total", "state"),
        Case: ("reference", "customer__external_id", "channel", "subject", "status"),
        Lot: ("member__customer__external_id", "points", "remaining", "expires_at"),
        Voucher: ("code_hash", "customer__external_id", "offer__name", "use_limit"),
    }
    rows = [
        sorted(map(repr, model._default_manager.values_list(*names)))
        for model, names in told.items()
    ]
    return [*rows, faults()]


@pytest.fixture
def a_small_shop():
    make_offer(name="Gift")
    make_attribute("profile", type="text")
    for number in range(3):
        make_customer(external_id=f"C{number}", first_name="Ana", attributes={"profile": "Bia"})
    for sku in ("P1", "P2"):
        make_product(sku=sku)


UNITS = {
    "customers": people(),
    "orders": orders(),
    "carts": carts(),
    "products": PRODUCTS,
    "cases": CASES,
    "points": POINTS,
    "vouchers": CODES,
}


@pytest.mark.parametrize(("kind", "units"), UNITS.items(), ids=UNITS)
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
