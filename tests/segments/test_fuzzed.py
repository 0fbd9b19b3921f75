"""Whatever is asked at random is answered: with a count, or with the place and a sentence."""

import json

import pytest
import schemathesis
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from common.enums import Role, Scope
from config.wsgi import application
from segments.operations.refreshing import refresh
from tests.api import api_client
from tests.config.test_api_fuzzed import CHECKS
from tests.factories import NOW, allow, make_api_key, make_customer, make_user
from tests.segments.factories import make_segment
from tests.segments.rules.test_schema import anything, spoiled
from tests.segments.worlds import rules
from tests.segments.worlds.settling import declare

AT_RANDOM = settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
# Half of a character, which JSON can write and UTF-8 cannot.
HALF = json.loads('"\\ud800"')
ODD = [
    {"all": [{"trait": "customers.city", "operator": "is", "value": HALF}]},
    {"all": [{"trait": "customers.city", "operator": "one_of", "value": ["x", HALF]}]},
    {"all": [{"trait": "customers.city", "operator": "is", "value": "x", HALF: 1}]},
    {"all": [{"trait": HALF, "operator": "is", "value": "x"}]},
    {"all": [{"trait": "customers.orders", "operator": "did", "where": {HALF: "x"}}]},
    {"all": [{"trait": "customers.orders", "operator": "did", "where": {"store": "a\x00b"}}]},
    {"all": [{"trait": "customers.orders", "operator": "did", "measure": {HALF: "x"}}]},
    {"all": [{"trait": "customers.spend", "operator": "at_least", "value": 10**400}]},
    {"all": [{"trait": "customers.spend", "operator": "at_least", "value": "٣"}]},
    {"all": [{"trait": "segments.member", "operator": "inside", "value": [10**30, True, "x"]}]},
]


@pytest.fixture
def segments(db):
    """Declare what random rules ask for: two segments among it."""
    declare()


def judge_api(api, rule):
    told = json.dumps({"rule": rule})
    answer = api.post("/api/v1/segments/preview", told, content_type="application/json")
    if answer.status_code != 200:
        assert answer.status_code == 422, (rule, answer.content)
        told = answer.json()
        assert told["message"]
        if told["code"] == "bad_rule":
            assert told["field"] == f"rule{told['details']['pointer']}".replace("/", ".")
        else:
            assert told["field"] == "rule"  # null is no rule at all


def judge_builder(client, rule):
    address = reverse("admin:segments_segment_check")
    told = json.dumps({"rule": rule, "purpose": "marketing"})
    answer = client.post(address, told, content_type="application/json")
    assert answer.status_code == 200, (rule, answer.content)
    if wrong := answer.json().get("wrong"):
        assert wrong["message"]
        assert isinstance(wrong["pointer"], str)


@pytest.mark.parametrize("rule", ODD, ids=range(len(ODD)))
def test_what_no_program_should_send_is_refused(segments, client, rule):
    client.force_login(make_user(role=Role.MARKETING))

    judge_api(api_client(), rule)
    judge_builder(client, rule)


def test_any_json_is_answered(segments, client):
    api = api_client()
    client.force_login(make_user(role=Role.MARKETING))

    @AT_RANDOM
    @given(rule=anything)
    def ask(rule):
        judge_api(api, rule)
        judge_builder(client, rule)

    ask()


def test_any_rule_that_was_spoiled_is_answered(segments, client):
    api = api_client()
    client.force_login(make_user(role=Role.MARKETING))

    @AT_RANDOM
    @given(rule=rules, choose=st.data())
    def ask(rule, choose):
        rule = spoiled(rule, choose)
        judge_api(api, rule)
        judge_builder(client, rule)

    ask()


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
def test_every_address_of_segments_answers_as_it_is_described(busy_db, mode):
    """As all addresses are tried, and about a segment and a customer that there are."""
    allow(make_customer(external_id="ana", city="Porto"))
    segment = make_segment()
    refresh(segment, at=NOW)
    _, credential = make_api_key(*Scope, requests_per_minute=1_000_000)
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    known = {"id": segment.pk, "external_id": "ana"}

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if "/segments" not in operation.path:
            continue

        @settings(AT_RANDOM, max_examples=15, phases=[Phase.generate], database=None)
        @given(case=operation.as_strategy(generation_mode=mode), is_known=st.booleans())
        def ask(case, is_known):
            if is_known:
                case.path_parameters = {
                    name: known.get(name, value) for name, value in case.path_parameters.items()
                }
            answer = case.call(headers={"Authorization": f"Bearer {credential}"})
            case.validate_response(answer, checks=CHECKS)

        ask()
