"""What holds for every address of the API; found through the resolver, so for new ones too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import URLPattern
from django.urls.converters import IntConverter

from common.enums import Scope
from common.permissions import scope_for
from config.urls import urlpatterns
from tests.api import api_client

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Door:
    method: str
    path: str
    view: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors() -> Iterator[Door]:
    api = next(entry for entry in urlpatterns if str(entry.pattern) == "api/v1/")
    for entry in api.url_patterns:
        assert isinstance(entry, URLPattern)
        view = getattr(entry.callback, "cls")  # noqa: B009 -- REST framework leaves it there
        for method in METHODS:
            if hasattr(view, method):
                yield Door(method, f"/api/v1/{example(entry)}", view)


def example(entry: URLPattern) -> str:
    path = str(entry.pattern)
    for name, converter in entry.pattern.converters.items():
        value = "1" if isinstance(converter, IntConverter) else "x"
        kind = path[: path.index(f":{name}>")].rpartition("<")[2]
        path = path.replace(f"<{kind}:{name}>", value)
    return path


DOORS = list(doors())
each_door = pytest.mark.parametrize("door", DOORS, ids=str)


def test_walk_finds_the_doors():
    known = {"get /api/v1/customers", "put /api/v1/customers/x", "post /api/v1/consents"}

    assert known <= set(map(str, DOORS))


@each_door
def test_door_names_the_scope_it_asks_for(door):
    assert scope_for(door.view, door.method.upper()) in Scope


@each_door
@pytest.mark.django_db
def test_door_is_closed_without_a_key(client, door):
    answer = getattr(client, door.method)(door.path)

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


@each_door
@pytest.mark.django_db
def test_door_is_closed_to_a_key_with_every_other_scope(door):
    asked_for = scope_for(door.view, door.method.upper())
    client = api_client(*(scope for scope in Scope if scope != asked_for))

    answer = getattr(client, door.method)(door.path)

    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_denied"


@each_door
@pytest.mark.django_db
def test_door_lets_a_key_with_the_scope_in(door):
    asked_for = scope_for(door.view, door.method.upper())
    client = api_client(*filter(None, [asked_for]))

    answer = getattr(client, door.method)(door.path)

    assert answer.status_code not in {401, 403, 500}


def test_description_is_complete_and_valid(tmp_path):
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml")
    )


def test_description_and_docs_are_open_to_read(client):
    schema = client.get("/api/schema/")
    docs = client.get("/api/docs/")

    assert schema.status_code == docs.status_code == 200
    assert b"swagger-ui" in docs.content


def test_docs_run_no_inline_script_and_need_no_other_host(client):
    docs = client.get("/api/docs/")

    policy = docs["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert b"https://" not in docs.content
    assert b"<script>" not in docs.content
