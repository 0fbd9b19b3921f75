from typing import Any

import pytest
from django.test import Client

from tests.api import api_client
from tests.common.test_idempotency import BASKET, sell

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.shop")]


def test_refusal_of_the_business_says_why_and_what_it_knows():
    answer = sell(api_client(), BASKET | {"name": "too late"})

    assert answer.status_code == 409
    assert answer.json() == {
        "code": "sold_out",
        "message": "It is sold out.",
        "field": "items",
        "details": {"left": 0},
    }


def test_one_wrong_field_is_named():
    answer = sell(api_client(), {"name": "ana", "items": [{"sku": "milk", "quantity": 0}]})

    assert answer.status_code == 422
    assert answer.json() == {
        "code": "min_value",
        "message": "Ensure this value is greater than or equal to 1.",
        "field": "items.0.quantity",
    }


def test_all_wrong_fields_are_named():
    answer = sell(api_client(), {"items": [{"sku": "milk", "quantity": 1}, {"sku": ""}]})

    assert answer.json() == {
        "code": "required",
        "message": "This field is required.",
        "field": "name",
        "errors": [
            {"code": "required", "message": "This field is required.", "field": "name"},
            {"code": "blank", "message": "This field may not be blank.", "field": "items.1.sku"},
            {
                "code": "required",
                "message": "This field is required.",
                "field": "items.1.quantity",
            },
        ],
    }


def test_refusal_speaks_the_language_of_the_request():
    answer = sell(api_client(accept_language="pt-BR"), {"name": "ana", "items": "none"})

    assert answer.json()["message"].startswith("Esperava uma lista")


@pytest.mark.parametrize(
    ("method", "path", "facts", "status", "code"),
    [
        ("get", "/api/v1/nowhere", {}, 404, "not_found"),
        ("get", "/api/nowhere", {}, 404, "not_found"),
        ("put", "/api/v1/read", {}, 405, "method_not_allowed"),
        ("options", "/api/v1/read", {}, 405, "method_not_allowed"),
        (
            "post",
            "/api/v1/sell",
            {"data": b"<a/>", "content_type": "text/xml"},
            415,
            "unsupported_media_type",
        ),
        (
            "post",
            "/api/v1/sell",
            {"data": b"{", "content_type": "application/json"},
            400,
            "parse_error",
        ),
        ("get", "/api/v1/read", {"HTTP_ACCEPT": "text/html"}, 406, "not_acceptable"),
        ("get", "/api/v1/read", {"HTTP_HOST": "elsewhere.example"}, 400, "bad_request"),
    ],
)
def test_every_refusal_has_the_one_shape(method, path, facts, status, code):
    answer = getattr(api_client(), method)(path, HTTP_IDEMPOTENCY_KEY="k", **facts)

    assert answer.status_code == status
    assert answer.json().keys() == {"code", "message", "field"}
    assert answer.json()["code"] == code


def test_too_deep_and_too_large_requests_are_refused():
    client = api_client()
    facts: dict[str, Any] = {"content_type": "application/json", "HTTP_IDEMPOTENCY_KEY": "k"}

    deep = client.post("/api/v1/sell", b"[" * 200_000, **facts)
    large = client.post("/api/v1/sell", b" " * 3_000_000, **facts)

    assert (deep.status_code, large.status_code) == (400, 413)
    assert large.json()["code"] == "too_large"


def test_what_nobody_foresaw_leaks_nothing():
    answer = sell(api_client(), BASKET | {"name": "broken"})

    assert answer.status_code == 500
    assert answer.json()["code"] == "error"
    assert "ana@mail.example" not in answer.content.decode()


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/broken", 500)])
def test_people_get_a_page_in_their_language_that_leaks_nothing(client, path, status):
    client.raise_request_exception = False

    answer = client.get(path, headers={"accept-language": "pt-BR"})

    page = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert '<html lang="pt-br">' in page
    assert "common/plain.css" in page
    assert "ana@mail.example" not in page


def test_form_that_was_open_for_too_long_is_sent_once_more():
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "ana"})

    assert answer.status_code == 403
    assert "Please send it once more" in answer.content.decode()
