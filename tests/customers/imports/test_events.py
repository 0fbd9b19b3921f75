"""Files of events are held to what the events API is held to."""

from datetime import timedelta

import pytest

from customers.enums import Category, FieldType
from customers.models import DeclaredField, DeclaredKind, Event
from tests.customers.imports.files import brought_in, counts, reasons
from tests.factories import NOW, make_choice, make_customer

pytestmark = pytest.mark.django_db

HEAD = "kind,customer,occurred_at,reference"


def declare_tasting() -> DeclaredKind:
    """Declare a kind with a text, a number and a boolean."""
    kind = DeclaredKind.objects.create(
        code="shop.tasted", label="Tasted", category=Category.PURCHASE
    )
    for name, type_, required in (
        ("tea", FieldType.TEXT, True),
        ("cups", FieldType.NUMBER, False),
        ("liked", FieldType.BOOLEAN, False),
    ):
        DeclaredField.objects.create(kind=kind, name=name, type=type_, required=required)
    return kind


def test_a_kind_that_staff_declared_comes_in_with_typed_details():
    declare_tasting()
    make_customer(external_id="C1")

    job = brought_in(
        "events",
        f"{HEAD},tea,cups,liked\n"
        'shop.tasted,C1,2026-01-05,t1,Mate,"1,5",sim\n'
        "shop.tasted,C1,2026-01-05,t2,Chá,,\n",
    )

    assert counts(job) == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert list(
        Event.objects.filter(imported_by=job.pk, reference__startswith="t")
        .order_by("reference")
        .values_list("kind", "data")
    ) == [
        ("shop.tasted", {"tea": "Mate", "cups": 1.5, "liked": True}),
        ("shop.tasted", {"tea": "Chá"}),
    ]


def test_details_must_fit_the_kind():
    declare_tasting()
    make_customer(external_id="C1")

    job = brought_in(
        "events",
        f"{HEAD},tea,cups,colour\n"
        "shop.tasted,C1,2026-01-05,t1,,1,\n"
        "shop.tasted,C1,2026-01-05,t2,Chá,many,\n"
        "shop.tasted,C1,2026-01-05,t3,Chá,1,red\n"
        "shop.tasted,C1,2026-01-05,t4,Chá,1,\n",
    )

    assert reasons(job) == [
        (2, "kind", "tea", "detail_missing"),
        (3, "kind", "cups: many", "wrong_detail"),
        (4, "kind", "colour", "no_such_detail"),
    ]
    assert job.created_count == 1


def test_watched_behaviour_comes_in_only_of_those_who_permit_it():
    ana = make_customer(external_id="C1")
    make_customer(external_id="C2")
    make_choice(ana, categories=[Category.BROWSING])

    job = brought_in(
        "events",
        f"{HEAD},page\n"
        "customers.page_viewed,C1,2026-01-05,p1,/tea\n"
        "customers.page_viewed,C2,2026-01-05,p2,/tea\n",
    )

    assert reasons(job) == [(3, "customer", "C2", "not_permitted")]
    assert Event.objects.get(reference="p1").customer == ana


def test_what_has_happened_does_not_lie_in_the_future():
    make_customer(external_id="C1")
    tomorrow, later = NOW + timedelta(hours=23), NOW + timedelta(days=2)

    events = brought_in(
        "events",
        f"{HEAD}\ncustomers.case_opened,C1,{tomorrow.isoformat()},a\n"
        f"customers.case_opened,C1,{later.isoformat()},b\n",
    )
    people = brought_in("customers", f"id,birth_date\nC8,{later:%d/%m/%Y}\nC9,{NOW:%Y-%m-%d}\n")

    assert [reason for *_where, reason in reasons(events)] == ["in_future"]
    assert reasons(people) == [(2, "birth_date", f"{later:%d/%m/%Y}", "in_future")]
