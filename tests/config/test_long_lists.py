"""Lists that can be long are sorted by what an index keeps in order, and by nothing else."""

import pytest
from django.contrib import admin
from django.test import RequestFactory

from common.admin.base import LongList, PeopleList, kept_in_order
from customers.models import Customer, DuplicateCandidate, Order
from tests.factories import make_customer, make_user

LONG = {model: door for model, door in admin.site._registry.items() if isinstance(door, LongList)}

# Only the open ones are listed, and the index keeps those of one state in this order.
ONLY_OPEN = {DuplicateCandidate: {"score"}}


def test_an_index_of_some_rows_or_of_several_words_keeps_no_order():
    assert {"id", "external_id", "plain_name", "registered_at"} <= kept_in_order(Customer)
    # The index of e-mails leaves out those who have none.
    assert not {"email", "city"} & kept_in_order(Customer)
    assert "total" not in kept_in_order(Order)


@pytest.mark.parametrize("model", LONG, ids=lambda model: model._meta.label)
def test_a_long_list_begins_in_an_order_that_an_index_keeps(model):
    door = LONG[model]
    first = (door.ordering or model._meta.ordering or ("-pk",))[0].removeprefix("-")

    assert first in {"pk", *kept_in_order(model), *ONLY_OPEN.get(model, ())}


@pytest.mark.django_db
def test_a_list_of_people_offers_no_other_order(client):
    door = LONG[Customer]
    request = RequestFactory().get("/")
    request.user = make_user(is_superuser=True)

    offered = door.get_sortable_by(request)

    assert offered == ["show_name", "show_spend", "show_last_order"]


@pytest.mark.django_db
def test_an_order_that_is_not_offered_is_not_taken(client):
    client.force_login(make_user(is_superuser=True))
    second, first = make_customer(city="B"), make_customer(city="A")

    # The fourth column is the city.
    page = client.get("/admin/customers/customer/?o=4")

    assert set(page.context["cl"].result_list) == {first, second}
    assert "city" not in str(page.context["cl"].queryset.query.order_by)


def test_every_list_of_people_is_a_long_one():
    assert issubclass(PeopleList, LongList)
    assert len(LONG) > 10
