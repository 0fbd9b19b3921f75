"""Files of people for lists."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile

from customers.operations.imports import (
    WrongMapping,
    left_csv,
    map_columns,
    people_touched,
    undo,
    upload,
)
from customers.operations.imports import work_on_undo as go_on
from segments.enums import Cause
from segments.models import Segment
from segments.operations.handpicking import add_by_hand, remove_by_hand
from segments.operations.refreshing import keep_waiting_fresh
from segments.queries import members
from tests.customers.imports.files import brought_in, checked, counts, reasons
from tests.factories import NOW, make_customer
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def make_list(name="Choir") -> Segment:
    return make_segment(name=name, rule=None)


def people(*numbers):
    return [make_customer(external_id=number) for number in numbers]


def size(segment) -> int:
    return Segment.objects.get(pk=segment.pk).member_count


def test_a_file_of_numbers_goes_into_the_list_from_whose_page_it_was_brought():
    kept, (ana, eva) = make_list(), people("C1", "C2")

    job = brought_in("list_members", "Customer number\nC1\nC2\n", into="Choir")

    assert counts(job) == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    stays = kept.memberships.order_by("customer").values_list("customer", "cause", "entered_at")
    assert list(stays) == [(ana.pk, Cause.FILE, NOW), (eva.pk, Cause.FILE, NOW)]
    assert size(kept) == 2


def test_a_file_may_name_the_list_of_each_row():
    choir, band, (ana, eva) = make_list(), make_list("The band's %"), people("C1", "C2")

    brought_in("list_members", "cliente,lista\nC1,Choir\nC1,The band's %\nC2,Choir\n")

    assert set(members(choir)) == {ana, eva}
    assert set(members(band)) == {ana}


def test_every_bad_row_is_told_with_its_line_and_the_others_come_in():
    kept, (ana, out, inside) = make_list(), people("C1", "C2", "C3")
    make_segment(name="By rule")
    remove_by_hand(kept, out, reason="Asked us.", by=None, at=NOW)
    add_by_hand(kept, inside, reason="Sings.", by=None, at=NOW)
    content = (
        "customer,list\nC1,Choir\nC2,Choir\nC3,Choir\nC9,Choir\nC1,By rule\nC1,Nothing\n,Choir\n"
    )

    job = brought_in("list_members", content)

    assert counts(job) == {"created": 1, "updated": 0, "unchanged": 1, "rejected": 5}
    assert sorted(reasons(job)) == [
        (3, "customer", "C2", "removed_by_hand"),
        (5, "customer", "C9", "unknown_customer"),
        (6, "list", "By rule", "unknown_list"),
        (7, "list", "Nothing", "unknown_list"),
        (8, "customer", "", "required"),
    ]
    assert set(members(kept)) == {ana, inside}


@pytest.mark.parametrize(
    ("field", "known", "shared", "unknown"),
    [
        ("email", "ANA@mail.example", "same@mail.example", "nobody@mail.example"),
        ("phone", "+55 11 98765-4321", "+55 11 98765-0000", "+55 11 98765-9999"),
    ],
)
def test_people_are_named_by_an_address(field, known, shared, unknown):
    kept = make_list()
    ana = make_customer(email="ana@mail.example", phone="+5511987654321")
    for _ in range(2):
        make_customer(email="same@mail.example", phone="+5511987650000")
    out = make_customer(email="out@mail.example", phone="+5511987651111")
    remove_by_hand(kept, out, reason="Asked us.", by=None, at=NOW)
    theirs = {"email": out.email, "phone": out.phone}[field]
    content = f"{field},list\n{known},Choir\n{shared},Choir\n{unknown},Choir\n{theirs},Choir\n"

    jobs = [brought_in("list_members", content, matched_by=field) for _ in range(2)]

    assert [counts(job) for job in jobs] == [
        {"created": 1, "updated": 0, "unchanged": 0, "rejected": 3},
        {"created": 0, "updated": 0, "unchanged": 1, "rejected": 3},
    ]
    assert sorted((line, reason) for line, _column, _value, reason in reasons(jobs[0])) == [
        (3, "ambiguous"),
        (4, "unknown_address"),
        (5, "removed_by_hand"),
    ]
    assert list(members(kept)) == [ana]
    assert people_touched(jobs[0]) == [ana.pk]


def test_a_file_of_addresses_is_taken_back():
    kept, ana = make_list(), make_customer(email="ana@mail.example")
    job = brought_in(
        "list_members", "e-mail\nana@mail.example\n", into="Choir", matched_by="email"
    )
    assert list(members(kept)) == [ana]

    undo(job, by=None, at=LATER)
    while go_on(job, at=LATER):
        pass

    assert not members(kept).exists()


def test_the_same_file_again_changes_nothing():
    make_list()
    people("C1")
    brought_in("list_members", "customer\nC1\n", into="Choir")

    again = brought_in("list_members", "customer\nC1\n", into="Choir")

    assert counts(again) == {"created": 0, "updated": 0, "unchanged": 1, "rejected": 0}


def test_without_a_list_the_file_is_not_checked():
    people("C1")
    job = upload(ContentFile(b"customer\nC1\n", name="a.csv"), kind="list_members", at=NOW)

    with pytest.raises(WrongMapping):
        map_columns(job, mapping=job.mapping)


def test_a_list_whose_name_is_an_injection_is_just_unknown():
    people("C1")

    job = checked("list_members", "customer\nC1\n", into="'; DROP TABLE x; --")

    assert [reason for *_place, reason in reasons(job)] == ["unknown_list"]


def test_a_file_is_taken_back_but_for_those_about_whom_somebody_has_decided_since():
    kept, (_ana, eva) = make_list(), people("C1", "C2")
    job = brought_in("list_members", "customer\nC1\nC2\n", into="Choir")
    remove_by_hand(kept, eva, reason="Asked us.", by=None, at=LATER)

    undo(job, by=None, at=LATER)
    while go_on(job, at=LATER):
        pass

    job.refresh_from_db()
    assert (job.state, job.undone) == ("undone", {"removed": 1, "changed": 1})
    assert not members(kept).exists()
    assert size(kept) == 0
    assert "C2" in "".join(left_csv(job))


def test_what_asks_for_the_list_follows_the_file():
    kept, (ana,) = make_list(), people("C1")
    brought_in("list_members", "customer\nC1\n", into="Choir")

    assert list(Segment.objects.waiting(at=LATER)) == [kept]
    keep_waiting_fresh(clock=lambda: LATER)
    assert (list(members(kept)), Segment.objects.get().refreshed_at) == ([ana], LATER)
