"""The timeline tells that a profile changed: in which fields, and never to what."""

import pytest

from customers.models import Customer, Event
from customers.operations.notes import tag, untag
from customers.operations.profile import change_customer, put_customer, save_customer
from customers.queries.history import describe
from customers.queries.timeline import event_kinds
from tests.customers.imports.files import brought_in
from tests.factories import NOW, make_customer, make_user

pytestmark = pytest.mark.django_db


def changes() -> list[list[str]]:
    told = Event.objects.filter(kind="customers.changed").order_by("pk")
    return [event.data["fields"] for event in told]


def test_a_new_customer_is_registered_and_not_changed():
    save_customer(Customer(first_name="Ana"), at=NOW)

    assert [event.kind for event in Event.objects.all()] == ["customers.registered"]


def test_a_form_tells_which_fields_it_changed():
    ana = make_customer(first_name="Ana", city="Recife")
    ana.first_name, ana.city, ana.state = "Anna", "Olinda", ana.state

    change_customer(ana, changed=["first_name", "city", "state"], at=NOW)

    assert changes() == [["first_name", "city"]]
    assert "Olinda" not in str(list(Event.objects.values()))


def test_a_program_that_says_the_same_again_changes_nothing():
    put_customer("ana", {"city": "Recife", "attributes": {"shoe": 38}}, at=NOW)
    put_customer("ana", {"city": "Recife", "attributes": {"shoe": 38}}, at=NOW)
    assert changes() == []

    put_customer("ana", {"language": "pt-br", "attributes": {"shoe": 39}}, at=NOW)
    put_customer("ana", {"attributes": {"shoe": 40}}, at=NOW)

    # Which attributes is not told: some names say too much.
    assert changes() == [["language", "attributes"], ["attributes"]]


def test_a_tag_is_a_change_and_none_to_take_off_is_not():
    ana, agent = make_customer(), make_user()

    tag(ana, text="vip", by=agent, at=NOW)
    tag(ana, text="vip", by=agent, at=NOW)
    untag(ana, text="wholesale", by=agent, at=NOW)
    untag(ana, text="vip", by=agent, at=NOW)

    assert changes() == [["tags"], ["tags"]]


def test_a_file_writes_one_event_for_all_its_rows():
    make_customer(external_id="C1", city="Recife")

    brought_in("customers", "external_id,city\nC1,Olinda\nC2,Natal\n")

    assert changes() == []
    assert Event.objects.filter(kind="customers.file_imported").count() == 1


def test_the_profile_says_it_in_the_words_of_its_fields():
    kind = event_kinds()["customers.changed"]

    assert describe(kind, {"fields": ["first_name", "city"]}) == "Changed: first name, city"
    # Once the customer was erased.
    assert describe(kind, {}) == "Profile changed"
