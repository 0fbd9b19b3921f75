"""About whom a file changed something, for those who must look at these people anew."""

from datetime import timedelta

import pytest

from customers.models import Customer
from customers.operations.imports import forget, people_touched, undo, work_on_imports
from tests.customers.imports.files import brought_in
from tests.factories import NOW, make_customer, make_product

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
PEOPLE = "external_id,city\n"
ORDERS = "order,customer,ordered_at,sku,quantity,total\n"
CASES = "case,customer,channel,subject,opened_at\n"


def numbers(job, **portion) -> list[str]:
    found = Customer.objects.in_bulk(people_touched(job, **portion))
    return sorted(person.external_id for person in found.values())


@pytest.fixture
def _people():
    for number in ("C1", "C2", "C3"):
        make_customer(external_id=number, city="Recife")
    make_product(sku="TEA")


@pytest.mark.usefixtures("_people")
def test_a_file_of_customers_touches_the_new_and_the_changed():
    job = brought_in("customers", PEOPLE + "C1,Recife\nC2,Olinda\nC4,Natal\n")

    assert numbers(job) == ["C2", "C4"]


@pytest.mark.usefixtures("_people")
@pytest.mark.parametrize(
    ("kind", "content", "again"),
    [
        (
            "orders",
            ORDERS + "o1,C1,2026-01-05,TEA,1,10\no2,C1,2026-01-06,TEA,1,10\n",
            "o3,C3,2026-01-07,TEA,1,10\n",
        ),
        (
            "cases",
            CASES + "k1,C1,email,Late,2026-01-05\nk2,C1,phone,Late,2026-01-06\n",
            "k3,C3,chat,Late,2026-01-07\n",
        ),
    ],
)
def test_other_files_touch_those_about_whom_they_say_something_new(kind, content, again):
    first = brought_in(kind, content)

    second = brought_in(kind, content + again)

    assert (numbers(first), numbers(second)) == (["C1"], ["C3"])


@pytest.mark.usefixtures("_people")
def test_the_touched_are_read_in_portions():
    job = brought_in("customers", PEOPLE + "C1,Natal\nC2,Natal\nC3,Natal\n")

    first = people_touched(job, limit=2)
    rest = people_touched(job, after=first[-1], limit=2)

    assert [*first, *rest] == list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    assert people_touched(job, after=rest[-1], limit=2) == []


@pytest.mark.usefixtures("_people")
def test_an_undo_touches_the_same_people_as_far_as_they_are_still_there():
    people = brought_in("customers", PEOPLE + "C2,Olinda\nC4,Natal\n")
    orders = brought_in("orders", ORDERS + "o1,C1,2026-01-05,TEA,1,10\n")

    for job in (people, orders):
        undo(job, by=None, at=LATER)
    work_on_imports(clock=lambda: LATER)

    assert (numbers(people), numbers(orders)) == (["C2"], ["C1"])


@pytest.mark.usefixtures("_people")
def test_events_stand_in_the_timeline_one_by_one_and_touch_nobody_here():
    job = brought_in(
        "events", "kind,customer,date,reference\ncustomers.page_viewed,C1,2026-01-05,r1\n"
    )

    assert people_touched(job) == []


@pytest.mark.usefixtures("_people")
def test_after_72_hours_nobody_knows_any_more():
    job = brought_in("customers", PEOPLE + "C1,Natal\n")
    assert numbers(job) == ["C1"]

    while forget(at=NOW + timedelta(hours=73)):
        pass

    assert people_touched(job) == []
