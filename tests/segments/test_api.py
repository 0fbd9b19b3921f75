import pytest

from common.enums import Scope
from common.models import AuditEntry
from consent.enums import Act
from customers.enums import Category
from segments.models import Segment
from segments.operations.refreshing import refresh
from tests.api import api_client
from tests.factories import NOW, allow, make_choice, make_customer
from tests.segments.factories import IN_PORTO, make_segment

pytestmark = pytest.mark.django_db


def test_a_program_makes_a_segment_and_reads_it_back():
    api = api_client(Scope.WRITE_SEGMENTS, Scope.READ_SEGMENTS)

    made = api.post(
        "/api/v1/segments", {"name": "Porto", "rule": IN_PORTO, "purpose": "marketing"}
    )

    assert made.status_code == 201
    assert made.data["sentence"] == "City is Porto"
    assert api.get("/api/v1/segments").data["results"] == [made.data]
    assert AuditEntry.objects.get(action="segments.created").api_key is not None


def test_a_bad_rule_is_refused_with_its_place():
    rule = {"all": [{"any": [{"trait": "customers.city", "operator": "is"}]}]}

    answer = api_client().post("/api/v1/segments", {"name": "Bad", "rule": rule})

    assert answer.status_code == 422
    assert answer.json() == {
        "code": "bad_rule",
        "message": "Enter a value.",
        "field": "rule.all.0.any.0.value",
        "details": {"pointer": "/all/0/any/0/value"},
    }
    assert not Segment.objects.exists()


def test_a_name_is_taken_once():
    make_segment(name="Porto")

    answer = api_client().post("/api/v1/segments", {"name": "Porto", "rule": IN_PORTO})

    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


def test_a_preview_counts_and_keeps_nothing():
    ana = allow(make_customer(city="Porto"))
    make_customer(city="Porto")

    answer = api_client(Scope.WRITE_SEGMENTS).post("/api/v1/segments/preview", {"rule": IN_PORTO})

    assert answer.json() == {
        "total": 1,
        "held_back_at_most": 10,
        "counts": {"/all": 1, "/all/0": 1},
        "sentence": "City is Porto",
        "sample": [ana.external_id],
    }
    assert not Segment.objects.exists()


def test_a_preview_for_an_unknown_purpose_is_refused():
    told = {"rule": IN_PORTO, "purpose": "spying"}

    answer = api_client().post("/api/v1/segments/preview", told)

    assert (answer.status_code, answer.json()["field"]) == (422, "purpose")


def test_members_are_read_by_page_without_those_who_have_just_withdrawn():
    first, withdrawn, last = (allow(make_customer(city="Porto")) for _ in range(3))
    segment = make_segment()
    refresh(segment, at=NOW)
    make_choice(withdrawn, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])
    api = api_client(Scope.READ_SEGMENTS)

    page = api.get(f"/api/v1/segments/{segment.pk}/members", {"page_size": 2}).data
    rest = api.get(page["next"]).data

    members = [member["customer"] for member in [*page["results"], *rest["results"]]]
    assert sorted(members) == sorted([first.external_id, last.external_id])
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("scope", "method", "address"),
    [
        (Scope.WRITE_SEGMENTS, "get", "/api/v1/segments"),
        (Scope.READ_SEGMENTS, "post", "/api/v1/segments"),
        (Scope.READ_SEGMENTS, "post", "/api/v1/segments/preview"),
        (Scope.READ_CUSTOMERS, "get", "/api/v1/segments/1/members"),
    ],
)
def test_every_door_asks_for_its_scope(scope, method, address):
    assert getattr(api_client(scope), method)(address).status_code == 403
