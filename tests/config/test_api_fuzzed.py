"""The API asked at random, from its own description: it answers, and as it says it does."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from common.enums import Scope
from config.wsgi import application
from tests.factories import make_api_key, make_customer, make_product

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
def test_every_address_answers_as_it_is_described(busy_db, mode):
    make_customer(external_id="ana")
    make_product(sku="milk")
    _, credential = make_api_key(*Scope, requests_per_minute=1_000_000)
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        # tests/segments/test_fuzzed.py asks about segments, and about one that there is.
        if not operation.path.startswith("/api/v1/") or "/segments" in operation.path:
            continue

        @settings(
            derandomize=True,
            deadline=None,
            database=None,
            max_examples=10,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            answer = case.call(headers={"Authorization": f"Bearer {credential}"})
            case.validate_response(answer, checks=CHECKS)

        ask()
