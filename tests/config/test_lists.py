"""Every list of the API: its orders, its pages, and the file that it leaves as."""

import csv
from io import StringIO

import pytest
from django.urls import reverse

from common.enums import FileFormat, Scope
from common.lists import List
from common.models import AuditEntry, Export
from config.urls import urlpatterns
from customers.models import Customer, WebhookSubscription
from segments.models import Segment
from tests.api import api_client, client_with
from tests.config.one_of_each import one_of_each
from tests.factories import (
    NOW,
    allow,
    make_api_key,
    make_campaign,
    make_customer,
    make_order,
    make_segment,
)

pytestmark = pytest.mark.django_db

API = next(entry for entry in urlpatterns if str(entry.pattern) == "api/v1/")
DOORS = {
    entry.name: entry.callback.cls
    for entry in API.url_patterns
    if issubclass(getattr(entry.callback, "cls", object), List)
}
each_list = pytest.mark.parametrize("name", DOORS)

WRONG = {
    "ordering=nothing": "ordering",
    "ordering=-": "ordering",
    "ordering=pk": "ordering",
    "cursor=forged": "cursor",
    "format=pdf&reason=Test": "format",
    "format=&reason=Test": "format",
    "format=csv&reason=Test&ordering=nothing": "ordering",
    "format=csv&reason=Test&emial=ana": "emial",
    f"format=csv&reason={'x' * 201}": "reason",
}


def address(name):
    """Return where one of these records' list is."""
    match name:
        case "timeline":
            return reverse("api:timeline", args=[Customer.objects.earliest("pk").external_id])
        case "segment_members":
            return reverse("api:segment_members", args=[Segment.objects.earliest("pk").pk])
        case "webhook_deliveries":
            return reverse(f"api:{name}", args=[WebhookSubscription.objects.earliest("pk").pk])
    return reverse(f"api:{name}")


def table_of(data):
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"))))


def take(answer):
    assert answer.status_code == 200, answer.json()
    return b"".join(answer.streaming_content)


def taken():
    return Export.objects.filter(api_key__isnull=False)


def test_walk_finds_the_lists():
    assert {"customers", "segment_members", "campaigns", "redemptions"} <= set(DOORS)


@each_list
def test_list_comes_in_every_order_it_names(name):
    one_of_each()
    client = api_client()
    orders = DOORS[name].filterset_class.base_filters["ordering"].extra["choices"]

    answers = [client.get(f"{address(name)}?page_size=1&ordering={order}") for order, _ in orders]
    follow = [client.get(answer.json()["next"] or address(name)) for answer in answers]

    assert orders
    assert {answer.status_code for answer in [*answers, *follow]} == {200}


@each_list
@pytest.mark.parametrize("file_format", FileFormat)
def test_list_leaves_as_every_file(name, file_format):
    one_of_each()
    key, credential = make_api_key(*Scope)

    answer = client_with(credential).get(
        f"{address(name)}?format={file_format}&reason=Test", headers={"accept": "text/csv"}
    )

    data = take(answer)
    assert data[:2] == (b"PK" if file_format == FileFormat.XLSX else data[:2])
    written = taken().get()
    assert (written.api_key, written.reason, written.format) == (key, "Test", file_format)
    assert written.finished_at
    assert AuditEntry.objects.get(action="exported").api_key == key


@each_list
def test_file_needs_the_scope_beside_the_lists_own(name):
    one_of_each()
    own = DOORS[name].required_scope
    own = own["GET"] if isinstance(own, dict) else own

    page = api_client(own).get(address(name))
    file = api_client(own).get(f"{address(name)}?format=csv&reason=Test")
    other = api_client(Scope.EXPORT).get(f"{address(name)}?format=csv&reason=Test")

    assert (page.status_code, file.status_code, other.status_code) == (200, 403, 403)
    assert not taken().exists()


@each_list
def test_list_refuses_what_it_does_not_know(name):
    one_of_each()
    client = api_client()

    for query, field in WRONG.items():
        answer = client.get(f"{address(name)}?{query}")

        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not taken().exists()


@each_list
def test_people_leave_only_for_a_reason(name):
    one_of_each()

    answer = api_client().get(f"{address(name)}?format=csv")

    if DOORS[name].file_table.personal:
        assert (answer.status_code, answer.json()["field"]) == (422, "reason")
    else:
        assert answer.status_code == 200


def test_file_is_narrowed_and_ordered_as_the_list_is():
    for number, city in enumerate(["Recife", "Olinda", "Recife"]):
        make_customer(external_id=f"c{number}", city=city)

    data = take(
        api_client().get(
            "/api/v1/customers?city=Recife&ordering=external_id&page_size=1&format=csv&reason=Test"
        )
    )

    assert [row["Customer number"] for row in table_of(data)] == ["c0", "c2"]
    assert taken().get().filters == ["city"]


def test_file_speaks_the_language_of_the_request():
    make_customer(external_id="c1")

    data = take(
        api_client().get(
            "/api/v1/customers?format=csv-pt&reason=Test", headers={"accept-language": "pt-BR"}
        )
    )

    assert data.startswith('\ufeff"Número do cliente";'.encode())


def test_cursor_of_another_order_is_refused():
    for _ in range(2):
        make_customer()
    client = api_client()
    cursor = client.get("/api/v1/customers?page_size=1").json()["next"]

    answer = client.get(f"{cursor}&ordering=external_id")

    assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


def test_campaigns_that_never_ran_stand_last():
    make_campaign(name="draft")
    for day, name in [(2, "late"), (1, "early")]:
        make_campaign(name=name, launched_at=NOW.replace(day=day))
    client, seen = api_client(), []

    page = {"next": "/api/v1/campaigns?ordering=-launched_at&page_size=1"}
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += [row["name"] for row in page["results"]]

    assert seen == ["late", "early", "draft"]


def test_members_leave_as_the_rule_means_them_now():
    ana, rui = make_customer(external_id="1", city="Recife"), make_customer(external_id="2")
    rule = {"all": [{"trait": "customers.city", "operator": "is", "value": "Recife"}]}
    segment = make_segment(rule=rule)
    for member in (allow(ana), allow(rui)):
        segment.memberships.create(customer=member, entered_at=NOW, cause="rule")

    data = take(
        api_client().get(f"/api/v1/segments/{segment.pk}/members?format=csv&reason=Raffle")
    )

    assert [row["Customer number"] for row in table_of(data)] == ["1"]
    assert taken().get().subject_id == segment.pk


def test_timeline_leaves_in_words():
    customer = make_customer(external_id="ana")
    make_order(customer, external_id="A-1", total="10.00")

    data = take(api_client().get("/api/v1/customers/ana/timeline?format=csv&reason=Letter"))

    [told] = [row for row in table_of(data) if row["Kind"] == "Order placed"]
    assert told["Customer number"] == "ana"
    assert "A-1" in told["What happened"]
    assert taken().get().subject_id == customer.pk


def test_every_column_of_a_file_has_a_name_of_its_own():
    for door in DOORS.values():
        names = [str(column.label).casefold() for column in door.file_table.columns()]
        assert len(set(names)) == len(names)
