from datetime import date, timedelta

import pytest
from django.utils.timezone import now
from rest_framework.serializers import DateTimeField

from common.enums import Scope
from common.models import AuditEntry
from consent.enums import Act
from customers.enums import Category
from customers.models import Customer, Product
from segments.compiler import TooMuchAtOnce
from segments.models import Segment
from segments.operations.failing import note_failure
from segments.operations.refreshing import refresh
from segments.queries import traits
from segments.rules import rule_schema
from segments.tasks import refresh_waiting_segments
from tests.api import api_client
from tests.factories import NOW, allow, make_choice, make_customer, make_order, make_product
from tests.segments.factories import IN_PORTO, make_segment

pytestmark = pytest.mark.django_db

IN_FARO = {"all": [{"trait": "customers.city", "operator": "is", "value": "Faro"}]}
TRAITS = "/api/v1/segments/traits"


def written(moment):
    return DateTimeField().to_representation(moment)


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

    counted = {"count": 1, "held_back_at_most": 10, "left": None}
    assert answer.json() == {
        "total": 1,
        "everybody": 1,
        "held_back_at_most": 10,
        "parts": [
            {"pointer": "/all", **counted, "missing": None},
            {"pointer": "/all/0", **counted, "missing": 0},
        ],
        "sentence": "City is Porto",
        "uses": [{"category": "demographic", "allowed": 1, "people": 2}],
        "findings": [
            {
                "flaw": "everybody",
                "message": "Everybody whose data may be used fits this rule.",
                "pointer": "/all",
            }
        ],
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


def test_a_preview_refuses_what_could_not_be_saved():
    another = make_segment(purpose_id="transactional")
    pregnant = make_product(category="Shop > Pregnancy")
    Product.objects.filter(pk=pregnant.pk).update(sensitive=True)

    def refusal(leaf):
        answer = api_client().post("/api/v1/segments/preview", {"rule": {"all": [leaf]}})
        return answer.status_code, answer.json()["code"], answer.json()["details"]

    assert refusal(
        {"trait": "customers.bought", "operator": "any_of", "value": ["Shop > Pregnancy"]}
    ) == (422, "bad_rule", {"pointer": "/all/0"})
    assert refusal({"trait": "segments.member", "operator": "inside", "value": [another.pk]}) == (
        422,
        "bad_rule",
        {"pointer": "/all/0/value"},
    )


def test_a_segment_is_changed_in_part_or_as_a_whole():
    segment = make_segment(name="Porto", description="by the sea")
    refresh(segment, at=NOW)
    address = f"/api/v1/segments/{segment.pk}"
    api = api_client(Scope.WRITE_SEGMENTS, Scope.READ_SEGMENTS)

    renamed = api.patch(address, {"name": "Oporto"})
    assert renamed.status_code == 200
    assert (renamed.data["name"], renamed.data["description"]) == ("Oporto", "by the sea")
    assert renamed.data["refreshed_at"]

    replaced = api.put(address, {"name": "Faro", "rule": IN_FARO})
    assert replaced.data["sentence"] == "City is Faro"
    assert replaced.data["description"] == ""
    assert replaced.data["refreshed_at"] is None
    assert api.get(address).data == replaced.data
    assert AuditEntry.objects.filter(action="segments.changed").count() == 2


def test_a_change_for_the_worse_is_refused_and_changes_nothing():
    segment = make_segment(name="Porto")

    answer = api_client().patch(f"/api/v1/segments/{segment.pk}", {"rule": {"all": []}})

    assert answer.json()["details"] == {"pointer": "/all"}
    segment.refresh_from_db()
    assert segment.rule == IN_PORTO


def test_a_refresh_is_asked_for_and_done_by_a_worker():
    segment = make_segment()
    refresh(segment, at=NOW)

    answer = api_client(Scope.WRITE_SEGMENTS).post(f"/api/v1/segments/{segment.pk}/refresh")

    assert answer.status_code == 202
    refresh_waiting_segments()
    segment.refresh_from_db()
    assert segment.refreshed_at
    assert segment.refreshed_at > NOW


def test_a_program_is_told_since_when_members_are_out_of_date_and_when_they_are_tried_again():
    segment = make_segment()
    note_failure(segment.pk, TooMuchAtOnce("Ask for less at once."), at=NOW)

    told = api_client(Scope.READ_SEGMENTS).get(f"/api/v1/segments/{segment.pk}").data

    assert {name: told[name] for name in ("error", "failed_at", "retry_at")} == {
        "error": "Ask for less at once.",
        "failed_at": written(NOW),
        "retry_at": written(NOW + timedelta(minutes=1)),
    }


def test_a_segment_is_put_away_and_taken_out_again():
    segment, api = make_segment(), api_client(Scope.WRITE_SEGMENTS)
    refresh(segment, at=NOW)

    away = api.post(f"/api/v1/segments/{segment.pk}/archive")
    again = api.post(f"/api/v1/segments/{segment.pk}/archive")
    back = api.delete(f"/api/v1/segments/{segment.pk}/archive")

    assert (away.status_code, again.status_code, back.status_code) == (200, 200, 200)
    assert away.data["archived_at"]
    assert again.data["archived_at"] == away.data["archived_at"]
    assert back.data["archived_at"] is None
    actions = ["segments.archived", "segments.brought_back"]
    told = AuditEntry.objects.filter(action__in=actions).order_by("pk")
    assert [(it.action, it.api_key is not None) for it in told] == [(it, True) for it in actions]


def test_a_segment_that_is_needed_is_not_put_away():
    segment = make_segment(name="Porto")
    asking = {"all": [{"trait": "segments.member", "operator": "inside", "value": [segment.pk]}]}
    make_segment(name="Also", rule=asking)

    answer = api_client(Scope.WRITE_SEGMENTS).post(f"/api/v1/segments/{segment.pk}/archive")

    assert (answer.status_code, answer.json()["code"]) == (409, "segment_in_use")
    assert "“Also”" in answer.json()["message"]
    segment.refresh_from_db()
    assert segment.archived_at is None


def test_who_is_in_a_segment_is_kept_as_a_list():
    customer, segment = allow(make_customer(city="Porto")), make_segment(name="Porto")
    refresh(segment, at=NOW)
    api = api_client(Scope.WRITE_SEGMENTS, Scope.READ_SEGMENTS)
    address = f"/api/v1/segments/{segment.pk}/list"

    kept = api.post(address, {"name": "Porto in March", "description": "For the fair"})
    refresh_waiting_segments()

    assert (kept.status_code, kept.data["rule"], kept.data["name"]) == (
        201,
        None,
        "Porto in March",
    )
    members = api.get(f"/api/v1/segments/{kept.data['id']}/members").data["results"]
    assert [it["customer"] for it in members] == [customer.external_id]
    taken = api.post(address, {"name": "Porto in March"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


def test_what_was_at_a_moment_is_kept_and_no_moment_to_come():
    segment, api = make_segment(), api_client(Scope.WRITE_SEGMENTS)
    address = f"/api/v1/segments/{segment.pk}/list"

    unfilled = api.post(address, {"name": "Too early"})
    refresh(segment, at=NOW)
    to_come = api.post(address, {"name": "Later", "as_of": "2999-01-01T00:00:00Z"})
    kept = api.post(address, {"name": "Then", "as_of": (NOW + timedelta(days=1)).isoformat()})

    assert (unfilled.status_code, unfilled.json()["code"]) == (409, "nothing_to_keep")
    assert (to_come.status_code, to_come.json()["field"]) == (409, "as_of")
    assert kept.status_code == 201
    assert Segment.objects.get(name="Then").origin_as_of == NOW + timedelta(days=1)


def test_programs_are_told_what_a_rule_may_ask():
    told = {it["code"]: it for it in api_client(Scope.READ_SEGMENTS).get(TRAITS).json()}

    assert told.keys() == traits().keys()
    gender = told["customers.gender"]
    assert (gender["type"], gender["category"]) == ("choice", "demographic")
    assert gender["operators"][0] == {"code": "is", "name": "is", "value": "one"}
    assert {"value": "female", "name": "Female"} in gender["choices"]
    amount = next(it for it in told["customers.orders"]["details"] if it["code"] == "amount")
    assert (amount["type"], amount["category"]) == ("money", None)
    assert "sum" in amount["measures"]


def test_programs_are_told_the_schema_of_a_rule():
    answer = api_client(Scope.READ_SEGMENTS).get("/api/v1/segments/rule-schema")

    assert answer.json() == rule_schema()


def test_a_program_asks_whether_one_customer_is_in_a_segment():
    ana = allow(make_customer(external_id="ana", city="Porto"))
    make_customer(external_id="bia", city="Faro")
    segment = make_segment()
    refresh(segment, at=NOW)
    api = api_client(Scope.READ_SEGMENTS)
    stay = {"entered_at": written(NOW), "cause": "rule"}

    is_in = api.get(f"/api/v1/segments/{segment.pk}/members/ana").json()
    is_not = api.get(f"/api/v1/segments/{segment.pk}/members/bia").json()

    assert is_in == {
        "customer": "ana",
        "is_member": True,
        **stay,
        "stays": [{**stay, "left_at": None}],
    }
    assert (is_not["is_member"], is_not["entered_at"], is_not["stays"]) == (False, None, [])

    make_choice(ana, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])
    now_out = api.get(f"/api/v1/segments/{segment.pk}/members/ana").json()
    assert (now_out["is_member"], now_out["stays"]) == (False, [{**stay, "left_at": None}])


def test_all_segments_of_a_customer_are_asked_again_in_one_query_for_each_purpose(
    django_assert_max_num_queries,
):
    ana = allow(make_customer(external_id="ana", city="Porto"))
    make_order(ana, total="50.00")
    spends = {"all": [{"trait": "customers.spend", "operator": "at_least", "value": 10}]}
    told = [make_segment(name=f"Spends {n}", rule=spends) for n in range(5)]
    refused = make_segment(name="Porto")
    for segment in (*told, refused):
        refresh(segment, at=NOW)
    make_choice(ana, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])
    api = api_client(Scope.READ_SEGMENTS)

    with django_assert_max_num_queries(12):
        found = api.get("/api/v1/customers/ana/segments").json()

    assert [it["segment"] for it in found] == [segment.pk for segment in told]
    assert found[0]["name"] == "Spends 0"


def test_a_program_is_told_why_a_customer_is_in_a_segment_and_until_when():
    ana = allow(make_customer(external_id="ana", city="Porto"))
    at = now().replace(microsecond=0)
    make_order(ana, total="50.00", ordered_at=at - timedelta(days=10))
    segment = make_segment(
        rule={
            "all": [
                *IN_PORTO["all"],
                {"trait": "customers.orders", "operator": "did", "window": {"days": 30}},
            ]
        }
    )
    refresh(segment, at=at)
    address = f"/api/v1/segments/{segment.pk}/members/ana/explanation"

    told = api_client(Scope.READ_SEGMENTS, Scope.READ_CUSTOMERS).get(address).json()

    assert (told["is_member"], told["cause"]) == (True, "rule")
    assert told["by_hand"] is None
    assert told["sentence"] == "City is Porto and ordered at least once in the last 30 days"
    leaves_at = written(at + timedelta(days=20))
    assert told["next_change"] == {"at": leaves_at, "counts": False}
    assert told["rule"]["answer"] == "true"
    city, ordered = told["rule"]["parts"]
    assert city == {
        "pointer": "/all/0",
        "asked": "City is Porto",
        "answer": "true",
        "counts": True,
        "seen": {"value": "Porto", "count": None, "last": None, "words": "Porto"},
        "since": None,
        "until": None,
        "changes_at": None,
        "changes_daily": False,
        "parts": [],
    }
    assert ordered["seen"]["count"] == 1
    assert ordered["changes_at"] == leaves_at
    assert AuditEntry.objects.get(action="segments.explained").subject_id == ana.pk


def test_what_was_seen_is_for_keys_that_read_customers_and_for_what_people_let_programs_know():
    ana = allow(make_customer(external_id="ana", city="Porto"))
    segment = make_segment()
    address = f"/api/v1/segments/{segment.pk}/members/ana/explanation"

    def city(*scopes):
        return api_client(*scopes).get(address).json()["rule"]["parts"][0]

    hidden = city(Scope.READ_SEGMENTS)
    assert (hidden["answer"], hidden["seen"]) == ("true", None)
    assert city(Scope.READ_SEGMENTS, Scope.READ_CUSTOMERS)["seen"]["value"] == "Porto"

    make_choice(ana, act=Act.OBJECTED, purpose="transactional", categories=[Category.DEMOGRAPHIC])
    assert city(Scope.READ_SEGMENTS, Scope.READ_CUSTOMERS)["seen"] is None


def test_no_day_tells_a_birthday_that_a_key_may_not_see():
    allow(make_customer(external_id="ana", birth_date=date(1990, 3, 10)))
    birthday = {"trait": "customers.birthday", "operator": "in_next", "value": 7}
    segment = make_segment(rule={"all": [birthday]})
    address = f"/api/v1/segments/{segment.pk}/members/ana/explanation"

    def days(*scopes):
        told = api_client(*scopes).get(address).json()
        return told["rule"]["parts"][0]["changes_at"], told["next_change"]

    assert days(Scope.READ_SEGMENTS) == (None, None)
    assert None not in days(Scope.READ_SEGMENTS, Scope.READ_CUSTOMERS)


def test_what_may_not_be_looked_at_is_told_as_that():
    make_customer(external_id="ana", city="Porto")
    segment = make_segment()

    told = api_client().get(f"/api/v1/segments/{segment.pk}/members/ana/explanation").json()

    assert (told["is_member"], told["rule"]["answer"]) == (False, "refused")
    assert (told["rule"]["parts"][0]["counts"], told["rule"]["parts"][0]["seen"]) == (None, None)


def test_members_of_an_earlier_moment_are_those_whose_data_may_still_be_used():
    stayed, left, withdrawn = (allow(make_customer(city="Porto")) for _ in range(3))
    segment = make_segment()
    refresh(segment, at=NOW)
    Customer.objects.filter(pk=left.pk).update(city="Faro")
    refresh(segment, at=NOW + timedelta(days=1))
    make_choice(withdrawn, act=Act.WITHDRAWN, categories=[Category.DEMOGRAPHIC])
    api = api_client(Scope.READ_SEGMENTS)
    address = f"/api/v1/segments/{segment.pk}/members"

    def members(**query):
        return {it["customer"] for it in api.get(address, query).json()["results"]}

    assert members() == {stayed.external_id}
    assert members(at=(NOW + timedelta(hours=1)).isoformat()) == {
        stayed.external_id,
        left.external_id,
    }
    assert members(at=(NOW - timedelta(hours=1)).isoformat()) == set()
    assert api.get(address, {"at": "then"}).json()["field"] == "at"


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


def test_a_purpose_that_no_code_can_be_is_refused():
    told = {"name": "Odd", "rule": IN_PORTO, "purpose": "a\x00"}

    for address in ("/api/v1/segments", "/api/v1/segments/preview"):
        answer = api_client().post(address, told)

        assert (answer.status_code, answer.json()["field"]) == (422, "purpose")
