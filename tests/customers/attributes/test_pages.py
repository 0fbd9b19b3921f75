import pytest
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from customers.models import AttributeDefinition, Customer
from customers.operations.attributes import retire_attribute
from tests.factories import NOW, make_attribute, make_customer, make_user

pytestmark = pytest.mark.django_db

LIST = reverse("admin:customers_attributedefinition_changelist")
ADD = reverse("admin:customers_attributedefinition_add")


@pytest.fixture
def marketer(client):
    user = make_user(role=Role.MARKETING)
    client.force_login(user)
    return user


@pytest.fixture
def agent(client):
    user = make_user(role=Role.SUPPORT_AGENT)
    client.force_login(user)
    return user


def change_page(definition):
    return reverse("admin:customers_attributedefinition_change", args=[definition.pk])


def edit_page(customer):
    return reverse("admin:customers_customer_change", args=[customer.pk])


def filled_in(client, customer, **changed):
    """Return what the customer's form would send, but for what is changed."""
    form = client.get(edit_page(customer)).context["adminform"].form
    said = {name: form[name].value() for name in form.fields}
    said["initial-external_id"] = customer.external_id
    return {**{name: value for name, value in said.items() if value is not None}, **changed}


def test_an_attribute_is_declared_changed_and_retired(client, marketer):
    told = {"label": "Tier", "code": "tier", "type": "choice", "category": "purchase"}
    client.post(ADD, {**told, "choices": "Gold\n Silver \n"})
    definition = AttributeDefinition.objects.get()
    assert (definition.choices, definition.category) == (["Gold", "Silver"], "purchase")

    client.post(change_page(definition), {**told, "choices": "Gold\nSilver\nIron"})
    definition.refresh_from_db()
    assert definition.choices == ["Gold", "Silver", "Iron"]

    told["choices"] = "Gold\nSilver\nIron"
    client.post(change_page(definition), {**told, "retired": "on"})
    assert not AttributeDefinition.objects.active().exists()
    client.post(change_page(definition), told)
    assert AttributeDefinition.objects.active().exists()
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor")) == [
        (f"customers.attribute_{act}", marketer.pk)
        for act in ("declared", "changed", "retired", "brought_back")
    ]


def test_a_change_that_would_break_values_is_refused_beside_its_field(client, marketer):
    make_customer(attributes={"shoe_size": 38})
    definition = make_attribute("shoe_size", type="number")

    answer = client.post(
        change_page(definition), {"label": "Shoe", "type": "text", "category": "demographic"}
    )

    assert list(answer.context["adminform"].form.errors) == ["type"]
    definition.refresh_from_db()
    assert (definition.label, definition.type) == ("Shoe size", "number")


def test_the_list_says_how_many_have_a_value(client, marketer, django_assert_max_num_queries):
    make_customer(attributes={"shoe_size": 38})
    for number in range(20):
        make_attribute(f"fact_{number}")
    make_attribute("shoe_size")

    with django_assert_max_num_queries(12):
        answer = client.get(LIST)

    found = {one.code: one.value_count for one in answer.context["cl"].result_list}
    assert (found["shoe_size"], found["fact_1"]) == (1, 0)


def test_the_empty_list_says_how_to_start(client, marketer):
    assert "Declare an attribute" in client.get(LIST).content.decode()


def test_an_agent_reads_attributes_and_declares_none(client, agent):
    make_attribute("shoe_size")

    assert client.get(LIST).status_code == 200
    assert client.get(ADD).status_code == 403


@pytest.fixture
def one_of_each_type():
    make_attribute("nickname", type="text")
    make_attribute("shoe_size", type="number")
    make_attribute("credit", type="money")
    make_attribute("met_on", type="date")
    make_attribute("called_at", type="moment")
    make_attribute("has_dog", type="boolean")
    make_attribute("tier", type="choice", choices=["Gold", "Silver"])
    make_attribute("teas", type="list")
    make_attribute("shops", type="list", choices=["North", "South"])


KEPT = {
    "nickname": "Nina",
    "shoe_size": 38.5,
    "credit": 1234.5,
    "met_on": "2026-12-31",
    "called_at": "2026-12-31T15:30:00+00:00",
    "has_dog": False,
    "tier": "Gold",
    "teas": ["black tea", "mate"],
    "shops": ["North", "South"],
}


def test_an_agent_fills_in_attributes_of_every_type(client, agent, one_of_each_type):
    customer = make_customer()
    said = {
        "nickname": "Nina",
        "shoe_size": "38,5",
        "credit": "1.234,50",
        "met_on": "31/12/2026",
        "called_at": "31/12/2026 12:30",
        "has_dog": "false",
        "tier": "Gold",
        "teas": "black tea\r\nmate",
        "shops": ["North", "South"],
    }

    fields = {f"attribute_{code}": value for code, value in said.items()}
    answer = client.post(edit_page(customer), filled_in(client, customer, **fields))

    assert answer.status_code == 302
    customer.refresh_from_db()
    assert customer.attributes == KEPT
    entry = AuditEntry.objects.get(action="customers.changed")
    assert entry.fields == sorted(f"attributes.{code}" for code in KEPT)


@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_a_form_sent_back_untouched_changes_nothing(client, agent, one_of_each_type, language):
    agent.language = language
    agent.save()
    customer = make_customer(attributes={**KEPT, "undeclared": "stays"})

    answer = client.post(edit_page(customer), filled_in(client, customer))

    assert answer.status_code == 302
    customer.refresh_from_db()
    assert customer.attributes == {**KEPT, "undeclared": "stays"}
    assert AuditEntry.objects.get(action="customers.changed").fields == []


def test_an_emptied_field_takes_the_value_away(client, agent, one_of_each_type):
    customer = make_customer(attributes={"nickname": "Nina", "tier": "Gold"})

    client.post(edit_page(customer), filled_in(client, customer, attribute_nickname=""))

    customer.refresh_from_db()
    assert customer.attributes == {"tier": "Gold"}


def test_a_wrong_value_is_told_beside_its_field(client, agent, one_of_each_type):
    customer = make_customer()

    answer = client.post(
        edit_page(customer), filled_in(client, customer, attribute_met_on="31/02/2026")
    )

    assert dict(answer.context["adminform"].form.errors) == {
        "attribute_met_on": ["This is not a date such as 31/12/2026 or 2026-12-31."]
    }
    assert Customer.objects.get().attributes == {}


def test_the_profile_shows_labels_and_values(client, agent, one_of_each_type):
    customer = make_customer(attributes=KEPT)
    retire_attribute(AttributeDefinition.objects.get(code="nickname"), by=None, at=NOW)

    page = client.get(reverse("admin:customers_customer_profile", args=[customer.pk]))

    facts = next(facts for panel, facts in page.context["panels"] if panel.code == "attributes")
    assert facts["attributes"] == [
        ("Called at", "12/31/2026 12:30 p.m."),
        ("Credit", "R$\u00a01,234.50"),
        ("Has dog", "No"),
        ("Met on", "12/31/2026"),
        ("Shoe size", "38.5"),
        ("Shops", "North, South"),
        ("Teas", "black tea, mate"),
        ("Tier", "Gold"),
    ]
    assert "Shoe size" in page.content.decode()
    assert "Nina" not in page.content.decode()
