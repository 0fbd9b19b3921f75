"""What was written down stays as it was, whoever asks."""

import pytest
from django.db import IntegrityError, connection, transaction

from common.models import AuditEntry
from common.operations import audit
from consent.enums import Channel
from consent.models import ConsentEvent
from customers.models import Event
from tests.factories import NOW, make_choice, make_customer

pytestmark = pytest.mark.django_db

each_table = pytest.mark.parametrize("model", [ConsentEvent, AuditEntry, Event])


@pytest.fixture
def written(db) -> None:
    """One row in each of the tables."""
    customer = make_customer()
    make_choice(customer, channels=[Channel.EMAIL])
    audit("customers.viewed", customer, at=NOW)


@each_table
def test_row_is_never_changed(model, written):
    before = list(model.objects.order_by("pk").values())

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.update(id=model.objects.first().pk + 1000)

    assert list(model.objects.order_by("pk").values()) == before != []


@each_table
def test_row_is_never_deleted(model, written):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.all()._raw_delete(using="default")

    assert model.objects.exists()


@each_table
def test_table_is_never_emptied(model):
    truncate = f"TRUNCATE {model._meta.db_table} CASCADE"

    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(truncate)
