import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from common.models import AuditEntry
from customers.models import AttributeDefinition
from customers.operations.attributes import (
    AttributeExists,
    AttributeInUse,
    LabelOfAField,
    bring_back_attribute,
    change_attribute,
    declare_attribute,
    retire_attribute,
)
from customers.queries.attributes import attributes, value_counts
from tests.factories import NOW, make_attribute, make_customer, make_user

pytestmark = pytest.mark.django_db


def changed(definition, **facts):
    for name, value in facts.items():
        setattr(definition, name, value)
    return change_attribute(definition, by=None, at=NOW)


@pytest.mark.parametrize("label", ["E-mail", "Birth date", "Data de nascimento"])
def test_a_label_of_ours_is_refused_in_every_language(label):
    """Two columns of an exported file would have one header."""
    with pytest.raises(LabelOfAField, match="say it in other words"):
        make_attribute("own", label=label)


def test_declaring_the_same_again_changes_nothing():
    by = make_user()
    first, is_new = declare_attribute(
        AttributeDefinition(code="shoe_size", label="Shoe size", type="number"), by=by, at=NOW
    )

    again, is_new_again = declare_attribute(
        AttributeDefinition(code="shoe_size", label="Shoe size", type="number"), by=by, at=NOW
    )

    assert (is_new, is_new_again, again) == (True, False, first)
    assert [entry.action for entry in AuditEntry.objects.all()] == ["customers.attribute_declared"]


def test_another_attribute_of_the_same_name_is_refused():
    make_attribute("shoe_size", type="number")

    with pytest.raises(AttributeExists) as refused:
        make_attribute("shoe_size", type="text")

    assert refused.value.field == "code"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"code": "Shoe size"}, "code"),
        ({"code": ""}, "code"),
        ({"type": "choice"}, "choices"),
        ({"type": "number", "choices": ["a"]}, "choices"),
        ({"type": "choice", "choices": ["Gold", "gold"]}, "choices"),
        ({"type": "list", "choices": ['"quoted"']}, "choices"),
        ({"type": "colour"}, "type"),
        ({"category": "secret"}, "category"),
    ],
)
def test_what_is_no_definition_is_refused_where_it_is_wrong(facts, field):
    definition = AttributeDefinition(**{"code": "fact", "label": "Fact", "type": "text", **facts})

    with pytest.raises(ValidationError) as refused:
        definition.full_clean()

    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize("facts", [{"type": "choice"}, {"type": "text", "choices": ["a"]}])
def test_the_database_knows_as_well_which_types_have_words(facts):
    with pytest.raises(IntegrityError):
        AttributeDefinition.objects.create(code="fact", label="Fact", **facts)


def test_the_type_of_an_attribute_in_use_stays():
    make_customer(attributes={"shoe_size": 38})
    definition = make_attribute("shoe_size", type="number")

    with pytest.raises(AttributeInUse) as refused:
        changed(definition, type="text")

    assert "Retire it" in refused.value.message
    definition.refresh_from_db()
    assert definition.type == "number"


def test_the_type_changes_while_nobody_has_a_value():
    make_customer(attributes={"other": 38})

    assert changed(make_attribute("shoe_size", type="number"), type="text").type == "text"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ({"type": "choice", "choices": ["gold"]}, "gold", {"type": "text", "choices": []}),
        ({"type": "money"}, 12.5, {"type": "number"}),
        ({"type": "list"}, ["tea"], {"choices": ["coffee", "tea"]}),
        ({"type": "list", "choices": ["tea"]}, ["tea"], {"choices": []}),
        ({"type": "choice", "choices": ["gold"]}, "gold", {"choices": ["gold", "silver"]}),
        ({"type": "choice", "choices": ["gold", "old"]}, "gold", {"choices": ["gold"]}),
    ],
)
def test_a_change_that_every_value_survives_is_let_through(before, value, after):
    make_customer(attributes={"fact": value})

    definition = changed(make_attribute("fact", **before), **after)

    definition.refresh_from_db()
    assert {name: getattr(definition, name) for name in after} == after


@pytest.mark.parametrize(
    ("before", "value"),
    [
        ({"type": "choice", "choices": ["gold", "old"]}, "old"),
        ({"type": "list", "choices": ["gold", "old"]}, ["gold", "old"]),
        ({"type": "list"}, ["old"]),
    ],
)
def test_words_that_customers_have_cannot_be_taken_away(before, value):
    make_customer(attributes={"fact": value})

    with pytest.raises(AttributeInUse) as refused:
        changed(make_attribute("fact", **before), choices=["gold"])

    assert (refused.value.field, refused.value.message) == (
        "choices",
        "Customers have these words, which would be missing: old.",
    )


def test_a_retired_attribute_keeps_its_values_and_comes_back_with_them():
    customer = make_customer(attributes={"shoe_size": 38})
    definition = make_attribute("shoe_size")

    assert retire_attribute(definition, by=None, at=NOW)
    assert not retire_attribute(definition, by=None, at=NOW)
    assert attributes() == {}

    assert bring_back_attribute(definition, by=None, at=NOW)
    assert list(attributes()) == ["shoe_size"]
    customer.refresh_from_db()
    assert customer.attributes == {"shoe_size": 38}


def test_counting_values_reads_no_more_of_a_large_table_than_of_a_small_one():
    for size in (38, 38, 40):
        make_customer(attributes={"shoe_size": size})
    make_customer(attributes={"shoe_size": 38}, erased_at=NOW)
    assert value_counts() == {"shoe_size": 3}

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customer (external_id, email, phone, first_name, last_name,"
            " gender, language, timezone, country, state, city, postal_code, stage, interests,"
            " attributes, registered_at, created_at, updated_at) SELECT 'c' || i, '', '', '', '',"
            " '', '', '', '', '', '', '', 'customer', '{}', jsonb_build_object('fact', 1), now(),"
            " now(), now() FROM generate_series(1, 20000) i; ANALYZE customers_customer"
        )

    reckoned = value_counts(most=5_000)["fact"]

    assert reckoned % 100 == 0
    assert 15_000 < reckoned < 25_000
