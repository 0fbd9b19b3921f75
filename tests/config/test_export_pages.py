"""Every list with an export: its page, its file, who may, and what is written down."""

import csv
from io import StringIO
from itertools import product

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.translation import override

from common.enums import FileFormat, Language, Role
from common.models import AuditEntry, Export
from customers.enums import AttributeType, Gender, Stage
from customers.models import AttributeDefinition, Customer, Product
from segments.enums import Cause
from segments.models import Membership
from tests.config.one_of_each import one_of_each
from tests.customers.imports.files import brought_in, counts, reasons
from tests.factories import NOW, allow, make_customer, make_product, make_segment, make_user

pytestmark = pytest.mark.django_db

LISTS = [page for page in admin.site._registry.values() if getattr(page, "export_table", None)]
each_list = pytest.mark.parametrize("page", LISTS, ids=lambda page: page.model.__name__)


def address(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_export")


def columns_of(page):
    return [str(column.label) for column in page.export_table.columns()]


def take(client, model, narrowed="", *, reason="For a test", **asked):
    """Ask for the file of a list and return it as it arrives."""
    facts = {"format": FileFormat.CSV, "reason": reason, **asked}
    if "columns" not in facts:
        facts["columns"] = columns_of(admin.site._registry[model])
    answer = client.post(f"{address(model)}{narrowed}", facts)
    assert answer.streaming, answer.context["form"].errors
    return b"".join(answer.streaming_content)


def rows_of(data):
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"))))


@pytest.fixture
def analyst(client):
    analyst = make_user(role=Role.ANALYST)
    client.force_login(analyst)
    return analyst


@pytest.fixture
def chief(client):
    chief = make_user(is_superuser=True)
    client.force_login(chief)
    return chief


@each_list
@pytest.mark.parametrize("language", Language.values)
def test_every_column_of_a_file_has_a_name_of_its_own(page, language):
    with override(language):
        names = columns_of(page)

    assert len({name.casefold() for name in names}) == len(names)


@each_list
@pytest.mark.parametrize("file_format", FileFormat)
def test_every_list_leaves_as_every_file(client, chief, page, file_format):
    one_of_each()

    data = take(client, page.model, format=file_format)

    assert data[:2] == (b"PK" if file_format == FileFormat.XLSX else data[:2])
    written = Export.objects.latest("pk")
    assert written.row_count
    assert written.finished_at


@each_list
def test_the_list_shows_the_button_to_whoever_may(client, page):
    meta = page.opts
    client.force_login(make_user(is_superuser=True))

    shown = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))

    assert f'href="{address(page.model)}' in shown.content.decode()


def test_a_file_costs_the_same_queries_however_long_it_is(
    client, chief, django_assert_num_queries, django_assert_max_num_queries
):
    for _ in range(20):
        make_customer()

    with django_assert_max_num_queries(12) as seen:
        take(client, Customer)
    for _ in range(40):
        make_customer()
    with django_assert_num_queries(len(seen)):
        take(client, Customer)


def test_filters_and_search_hold_in_the_file(client, analyst):
    make_customer(external_id="1", first_name="Ana", city="Recife")
    make_customer(external_id="2", first_name="Ana", city="Olinda")
    make_customer(external_id="3", first_name="Rui", city="Recife")

    found = rows_of(take(client, Customer, "?city__icontains=Recife&q=Ana"))

    assert [row["Customer number"] for row in found] == ["1"]
    assert Export.objects.get().filters == ["city", "q"]


def test_only_the_chosen_columns_leave(client, analyst):
    make_customer(external_id="1", city="Recife")

    found = rows_of(take(client, Customer, columns=["Customer number", "City"]))

    assert found == [{"Customer number": "1", "City": "Recife"}]
    assert Export.objects.get().columns == ["Customer number", "City"]


def test_words_are_the_readers(client, analyst):
    analyst.language = Language.PORTUGUESE
    analyst.save()
    make_customer(external_id="1", stage=Stage.LAPSED)

    found = rows_of(take(client, Customer, columns=["Número do cliente", "Etapa"]))

    assert found == [{"Número do cliente": "1", "Etapa": "Inativo"}]


def test_an_export_is_written_down_before_its_first_byte(client, analyst):
    make_customer()
    answer = client.post(
        address(Customer),
        {"format": "csv", "columns": ["E-mail"], "reason": "Letter of the board"},
    )

    begun = Export.objects.get()
    assert (begun.actor, begun.row_count, begun.finished_at) == (analyst, None, None)
    assert AuditEntry.objects.get(action="exported").reason == "Letter of the board"

    list(answer.streaming_content)
    begun.refresh_from_db()
    assert begun.row_count == 1
    assert begun.finished_at


def test_a_download_that_breaks_off_is_not_called_finished(client, analyst):
    for _ in range(3):
        make_customer()
    answer = client.post(
        address(Customer), {"format": "csv", "columns": ["E-mail"], "reason": "Test"}
    )

    pieces = answer._iterator
    next(pieces)
    pieces.close()

    assert Export.objects.get().finished_at is None


def test_people_leave_only_for_a_reason(client, analyst):
    answer = client.post(address(Customer), {"format": "csv", "columns": ["E-mail"]})

    assert answer.context["form"].errors.keys() == {"reason"}
    assert not Export.objects.exists()


def test_things_leave_without_one(client, analyst):
    make_product(sku="coffee")

    assert [row["SKU"] for row in rows_of(take(client, Product, reason=""))] == ["coffee"]


def test_agents_take_no_lists(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))

    assert client.get(address(Customer)).status_code == 403
    shown = client.get(reverse("admin:customers_customer_changelist")).content.decode()
    assert address(Customer) not in shown


def test_the_right_to_export_opens_no_list_that_is_closed(client):
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="export_lists"))
    client.force_login(user)

    assert client.get(address(Customer)).status_code == 403


def test_the_privacy_officer_sees_who_took_what(client, analyst):
    make_customer(city="Recife")
    take(client, Customer, "?city__icontains=Recife", reason="Letter of the board")
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    shown = client.get(reverse("admin:common_export_changelist")).content.decode()

    assert all(
        told in shown for told in (analyst.username, "Customers", "city", "Letter of the board")
    )
    assert "Recife" not in shown


def test_an_address_that_cannot_be_read_leads_back_to_the_list(client, analyst):
    answer = client.get(f"{address(Customer)}?stage__exact__nonsense=1")

    assert answer.status_code == 302


def people():
    for code, kind in {
        "shoe_size": AttributeType.NUMBER,
        "debt": AttributeType.MONEY,
        "branch": AttributeType.TEXT,
        "wedding": AttributeType.DATE,
        "called_at": AttributeType.MOMENT,
        "vegan": AttributeType.BOOLEAN,
        "pets": AttributeType.LIST,
    }.items():
        AttributeDefinition.objects.create(code=code, label=f"Their {code}", type=kind)
    make_customer(
        external_id="=1+1",
        first_name="@Ana",
        last_name="-Souza",
        phone="+5511987654321",
        birth_date="1990-12-31",
        gender="female",
        interests=["Café", "Chá"],
        attributes={
            "shoe_size": 38.5,
            "debt": -10,
            "branch": "+1",
            "wedding": "2015-05-02",
            "called_at": "2026-01-31T12:00:00+00:00",
            "vegan": False,
            "pets": ["dog", "cat"],
        },
        stage=Stage.LAPSED,
        country="BR",
        state="PE",
        city="São Lourenço, da Mata",
        postal_code="54700-000",
        language="pt-br",
        timezone="America/Recife",
    )
    make_customer(external_id="000123", email="", registered_at=NOW.replace(microsecond=123))
    for stage, gender in product(Stage, ["", *Gender]):
        make_customer(stage=stage, gender=gender)


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("file_format", [FileFormat.CSV, FileFormat.EXCEL_CSV])
def test_a_file_of_customers_comes_back_as_it_left(client, analyst, language, file_format):
    analyst.language = language
    analyst.save()
    people()
    if file_format == FileFormat.EXCEL_CSV:
        Customer.objects.update(registered_at=NOW)  # Excel knows no fractions of a second
    with override(language):
        data = take(client, Customer, format=file_format)
        job = brought_in("customers", data)

    assert reasons(job) == []
    assert counts(job) == {
        "created": 0, "updated": 0, "unchanged": Customer.objects.count(), "rejected": 0
    }  # fmt: skip


def test_members_leave_as_the_rule_means_them_now(client, chief):
    ana, rui = make_customer(external_id="1", city="Recife"), make_customer(external_id="2")
    rule = {"all": [{"trait": "customers.city", "operator": "is", "value": "Recife"}]}
    segment = make_segment(rule=rule)
    for member in (allow(ana), allow(rui)):
        Membership.objects.create(
            segment=segment, customer=member, entered_at=NOW, cause=Cause.RULE
        )

    answer = client.post(
        reverse("admin:segments_segment_export_members", args=[segment.pk]),
        {"format": "csv", "columns": ["Customer number", "City"], "reason": "Raffle"},
    )

    assert rows_of(b"".join(answer.streaming_content)) == [
        {"Customer number": "1", "City": "Recife"}
    ]
    assert Export.objects.get().subject_id == segment.pk
