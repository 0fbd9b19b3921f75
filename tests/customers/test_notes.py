import pytest
from django.urls import reverse

from common.enums import Role, Scope
from common.models import AuditEntry
from customers.models import Customer, Note
from customers.operations.notes import (
    NoteOfAnother,
    NoteUnreadable,
    TagTooLong,
    TooManyTags,
    add_note,
    pin_note,
    remove_note,
    tag,
    untag,
)
from customers.queries.pages import profile_url
from customers.queries.tags import known_tags
from tests.api import api_client
from tests.factories import NOW, make_customer, make_user

pytestmark = pytest.mark.django_db


def make_note(customer, *, text="Calls after six", author=None, reference="n-1", at=NOW):
    return add_note(customer, text=text, author=author or make_user(), reference=reference, at=at)


def test_a_double_click_keeps_one_note():
    ana = make_customer()

    notes = [make_note(ana) for _ in range(2)]

    assert notes[0] == notes[1]
    assert AuditEntry.objects.filter(action="customers.note_added", subject_id=ana.pk).count() == 1


@pytest.mark.parametrize("text", ["", "x" * 2001, "a\0b"])
def test_a_note_that_says_nothing_or_too_much_is_refused(text):
    with pytest.raises(NoteUnreadable):
        make_note(make_customer(), text=text)


def test_pinned_notes_come_first():
    ana = make_customer()
    first, second = make_note(ana, reference="1"), make_note(ana, reference="2")

    pin_note(first, by=make_user(), at=NOW)

    assert list(ana.notes.in_reading_order()) == [first, second]


def test_a_note_is_taken_away_by_who_wrote_it():
    author, other = make_user(), make_user()
    note = make_note(make_customer(), author=author)

    with pytest.raises(NoteOfAnother):
        remove_note(note, by=other, at=NOW)
    remove_note(note, by=author, at=NOW)

    assert not Note.objects.exists()


def test_an_administrator_takes_away_any_note():
    note = make_note(make_customer())

    remove_note(note, by=make_user(role=Role.ADMINISTRATOR), at=NOW)

    assert not Note.objects.exists()


def test_a_tag_is_one_however_it_is_written():
    ana, by = make_customer(), make_user()

    for text in ("VIP", " vip ", "Gosta  de café"):
        tag(ana, text=text, by=by, at=NOW)

    ana.refresh_from_db()
    assert ana.tags == ["gosta de café", "vip"]
    untag(ana, text="vip", by=by, at=NOW)
    ana.refresh_from_db()
    assert ana.tags == ["gosta de café"]


def test_tags_have_an_end():
    ana, by = make_customer(tags=[f"t{n}" for n in range(30)]), make_user()

    with pytest.raises(TooManyTags):
        tag(ana, text="one more", by=by, at=NOW)
    with pytest.raises(TagTooLong):
        tag(make_customer(), text="x" * 41, by=by, at=NOW)


def test_known_tags_are_offered():
    make_customer(tags=["vip", "imprensa"])
    make_customer(tags=["vip"])

    assert known_tags() == ["imprensa", "vip"]
    assert known_tags("PREN") == ["imprensa"]


def test_an_agent_writes_and_reads_notes_and_tags_on_the_page(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT, username="andre"))
    ana = make_customer()
    note_page = reverse("admin:customers_customer_note", args=[ana.pk])
    tag_page = reverse("admin:customers_customer_tag", args=[ana.pk])

    client.post(note_page, {"act": "add", "text": "Calls after six", "reference": "r"})
    client.post(tag_page, {"tag": "Press"})
    page = client.get(profile_url(ana.pk)).content.decode()

    assert "Calls after six" in page
    assert "andre" in page
    assert "press" in page
    assert "press" in client.get(tag_page, {"tag": "pre"}).content.decode()

    note = Note.objects.get()
    client.post(note_page, {"act": "pin", "note": note.pk})
    note.refresh_from_db()
    assert note.is_pinned
    client.post(note_page, {"act": "remove", "note": note.pk})
    client.post(tag_page, {"untag": "press"})
    assert not Note.objects.exists()
    assert Customer.objects.get().tags == []


def test_whoever_only_reads_writes_no_notes(client):
    client.force_login(make_user(role=Role.ANALYST))
    ana = make_customer()

    answer = client.post(
        reverse("admin:customers_customer_note", args=[ana.pk]), {"act": "add", "text": "?"}
    )

    assert answer.status_code == 403


def test_customers_are_found_by_tag(client):
    client.force_login(make_user(role=Role.MARKETING))
    tagged = make_customer(tags=["vip"])
    make_customer(tags=["press"])
    make_customer()

    found = client.get(reverse("admin:customers_customer_changelist"), {"tag": "VIP"})

    assert list(found.context["cl"].result_list) == [tagged]


def test_a_program_tells_and_reads_tags():
    program = api_client(Scope.WRITE_CUSTOMERS, Scope.READ_CUSTOMERS)

    answer = program.put(
        "/api/v1/customers/ana", {"tags": ["VIP", "vip", " Press"]}, format="json"
    )

    assert answer.json()["tags"] == ["press", "vip"]
