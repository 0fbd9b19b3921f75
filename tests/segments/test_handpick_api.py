"""Decisions by hand, and lists, for programs."""

from datetime import timedelta

import pytest

from common.enums import Scope
from segments.models import Due, Handpick, Segment
from segments.operations.refreshing import refresh
from segments.queries import members
from tests.api import api_client
from tests.factories import NOW, allow, make_customer
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db


def address(segment, customer):
    return f"/api/v1/segments/{segment.pk}/members/{customer.external_id}/decision"


def test_a_program_adds_sees_and_takes_back():
    client = api_client(Scope.READ_SEGMENTS, Scope.WRITE_SEGMENTS)
    segment, ana = make_segment(), make_customer()
    refresh(segment, at=NOW)

    answer = client.put(address(segment, ana), {"word": "added", "reason": "VIP."}, format="json")

    assert answer.status_code == 200
    told = {"customer": ana.external_id, "word": "added", "reason": "VIP."}
    assert answer.json() == {**told, "decided_at": answer.json()["decided_at"]}
    assert list(members(segment)) == [ana]
    assert client.get(address(segment, ana)).json() == answer.json()
    assert Handpick.objects.get().api_key is not None

    assert client.delete(address(segment, ana)).status_code == 204
    assert client.get(address(segment, ana)).status_code == 404
    assert not members(segment).exists()


def test_a_program_keeps_somebody_out():
    client = api_client(Scope.WRITE_SEGMENTS)
    segment, ana = make_segment(), allow(make_customer(city="Porto"))
    refresh(segment, at=NOW)

    client.put(address(segment, ana), {"word": "removed", "reason": "Asked."}, format="json")
    refresh(segment, at=NOW + timedelta(hours=1))

    assert not members(segment).exists()


def test_a_decision_without_reason_is_bad_input():
    client = api_client(Scope.WRITE_SEGMENTS)

    answer = client.put(address(make_segment(), make_customer()), {"word": "no"}, format="json")

    assert answer.status_code == 422 or answer.status_code == 400
    assert not Handpick.objects.exists()


def test_whoever_only_reads_decides_nothing():
    client = api_client(Scope.READ_SEGMENTS)

    answer = client.put(address(make_segment(), make_customer()), {}, format="json")

    assert answer.status_code == 403


def test_a_program_makes_a_list():
    client = api_client(Scope.WRITE_SEGMENTS, Scope.READ_SEGMENTS)
    told = {"name": "Choir", "purpose": "marketing", "rule": None}

    answer = client.post("/api/v1/segments", told, format="json")

    assert answer.status_code == 201, answer.json()
    assert (answer.json()["rule"], answer.json()["sentence"]) == (None, "A list kept by hand.")
    assert Segment.objects.get().is_list


def test_who_is_decided_about_is_reconsidered_by_the_segments_that_ask():
    segment, ana = make_segment(), make_customer()
    refresh(segment, at=NOW)
    client = api_client(Scope.WRITE_SEGMENTS)

    client.put(address(segment, ana), {"word": "added", "reason": "VIP."}, format="json")

    assert Due.objects.filter(customer=ana).exists()
