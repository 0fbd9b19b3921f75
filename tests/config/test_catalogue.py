"""Every column of every table of ours is declared: of whom it says something, and what.

A new column needs its name in ``<app>/catalogue.py``: under a category when it says something
about a customer, under ``staff`` when it says who works here, else under ``plain``.
"""

import pytest
from django.apps import apps
from django.urls import reverse

from common.enums import Role
from customers.enums import AttributeType, Category
from customers.models import Customer
from customers.queries.catalogue import catalogue, held_by_category
from customers.queries.holdings import holdings
from customers.rules import FIELD_CATALOGUE
from tests.factories import make_attribute, make_user

OURS = ("common", "customers", "consent", "segments", "campaigns", "loyalty")
TABLES = {
    model: [
        field.name for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many)
    ]
    for app in OURS
    for model in apps.get_app_config(app).get_models()
}
DESCRIBED = {each.model: each for each in catalogue()}


def test_every_table_is_described_once():
    assert sorted(each.model.__name__ for each in catalogue()) == sorted(
        model.__name__ for model in TABLES
    )


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_every_column_is_a_category_of_data_or_declared_to_say_nothing_of_customers(model):
    assert sorted(DESCRIBED[model].all_names()) == sorted(TABLES[model])


@pytest.mark.parametrize("name", FIELD_CATALOGUE)
def test_templates_and_segments_read_a_column_through_the_same_category(name):
    table, column = name.split(".")
    described = next(each for each in DESCRIBED.values() if each.model._meta.model_name == table)

    assert dict(described.named())[column] == FIELD_CATALOGUE[name]


def test_a_table_that_leads_to_a_customer_is_held_about_them():
    """Whatever names a customer is known to access, erasure and merges."""
    naming = {
        model
        for model in TABLES
        for field in model._meta.concrete_fields
        if field.related_model is Customer
    }

    assert naming - {holding.model for holding in holdings()} == set()


def test_what_says_something_of_customers_says_what_for_and_where_from():
    mute = [
        each.model.__name__
        for each in catalogue()
        if each.facts and not (each.purpose and each.origin)
    ]

    assert mute == []


@pytest.mark.parametrize(
    "described", [each for each in catalogue() if each.facts], ids=lambda it: it.model.__name__
)
def test_tables_and_columns_have_names_for_people(described):
    fields = {name: described.model._meta.get_field(name) for name, _category in described.named()}

    nameless = [
        name
        for name, field in fields.items()
        if not field._verbose_name and name not in described.words
    ]

    assert nameless == []
    assert described.called or "verbose_name_plural" in described.model._meta.original_attrs


@pytest.mark.django_db
def test_facts_of_the_shops_own_stand_in_the_category_they_were_declared_for():
    make_attribute("pregnant", type=AttributeType.BOOLEAN, category=Category.SENSITIVE)

    held = held_by_category()[Category.SENSITIVE]

    assert [each.columns for each in held if "Pregnant" in each.columns] == [["Pregnant"]]


@pytest.mark.django_db
def test_staff_read_in_words_what_is_held_what_for_and_how_long(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    page = client.get(reverse("admin:customers_catalogue")).content.decode()

    for words in ("Purchases", "keyed hash of the e-mail", "Until the person is erased."):
        assert words in page
    assert "e-mail_hash" not in page
