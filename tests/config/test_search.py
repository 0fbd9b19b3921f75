import pytest

from common.enums import Role
from tests.factories import make_customer, make_offer, make_order, make_user, make_voucher

pytestmark = pytest.mark.django_db


def found(client, text, *, role=Role.ADMINISTRATOR):
    client.force_login(make_user(role=role))
    answer = client.get("/admin/search/", {"s": text, "extended": "1"})
    return [hit.title for hit in answer.context["hits"]] if answer.context else []


def test_search_finds_people_and_pages(client):
    make_customer(first_name="Audália", last_name="Prado")

    assert found(client, "aud") == ["Audália Prado", "Audit entries"]


def test_search_finds_at_most_eight_people(client):
    for _ in range(10):
        make_customer(first_name="Ana")

    assert found(client, "ana") == ["Ana Souza"] * 8


def test_search_finds_somebody_created_a_moment_ago(client):
    assert found(client, "zuleica") == []

    make_customer(first_name="Zuleica", last_name="Reis")

    assert found(client, "zuleica") == ["Zuleica Reis"]


def test_search_shows_nobody_what_they_may_not_open(client):
    assert found(client, "audit", role=Role.PRIVACY_OFFICER) == ["Audit entries"]
    assert found(client, "audit", role=Role.MARKETING) == []


def test_search_finds_offers_for_those_who_may_see_them(client):
    make_offer(name="Carnival")

    assert found(client, "carni", role=Role.MARKETING) == ["Carnival"]
    assert found(client, "carni", role=Role.PRIVACY_OFFICER) == []


def test_search_finds_a_voucher_by_its_whole_code(client):
    voucher, code = make_voucher()

    assert found(client, f"{code[:5]}-{code[5:]}".lower()) == [str(voucher)]
    assert found(client, code[:8]) == []
    assert found(client, code, role=Role.PRIVACY_OFFICER) == []


def test_search_without_a_text_finds_nothing(client):
    assert found(client, " ") == []


def test_search_says_what_can_be_found_when_nothing_is(client):
    client.force_login(make_user(role=Role.ANALYST))

    assert "Nothing found" in client.get("/admin/search/", {"s": "qqq"}).content.decode()


def test_search_finds_an_order_before_its_customer(client):
    make_order(make_customer(first_name="Rita", last_name="Melo"), external_id="W-77")

    assert found(client, "W-77") == ["W-77", "Rita Melo"]


def test_search_finds_what_the_first_page_offers_to_begin(client):
    assert found(client, "build a", role=Role.MARKETING) == ["Build a segment"]
    assert found(client, "build a", role=Role.ANALYST) == []
