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
    assert found(client, "zuleica", role=Role.ANALYST) == []

    make_customer(first_name="Zuleica", last_name="Reis")

    assert found(client, "zuleica", role=Role.ANALYST) == ["Zuleica Reis"]


def test_search_offers_to_add_whoever_is_not_found(client):
    make_customer(first_name="Maria", last_name="Sousa")

    typed = "maria@mail.example"
    assert found(client, typed, role=Role.SUPPORT_AGENT) == [f"Add “{typed}” as a customer"]
    assert found(client, "maria", role=Role.SUPPORT_AGENT) == ["Maria Sousa"]
    # Somebody whose name resembles it need not be the one.
    found_alike = found(client, "maria souza", role=Role.SUPPORT_AGENT)
    assert found_alike == ["Maria Sousa", "Add “maria souza” as a customer"]
    assert found(client, "maria sousa", role=Role.SUPPORT_AGENT) == ["Maria Sousa"]
    assert found(client, typed, role=Role.MARKETING) == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("maria@mail.example", {"email": "maria@mail.example"}),
        ("(11) 98765-4321", {"phone": "(11) 98765-4321"}),
        ("529.982.247-25", {"tax_id": "529.982.247-25"}),
        ("Maria da Silva", {"first_name": "Maria", "last_name": "da Silva"}),
    ],
)
def test_the_form_to_add_somebody_holds_what_was_typed(client, typed, told):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    [door] = client.get("/admin/search/", {"s": typed, "extended": "1"}).context["hits"]

    form = client.get(door.link).context["adminform"].form

    assert {name: form.initial[name] for name in told} == told


def test_a_number_that_finds_nothing_adds_nobody(client):
    assert found(client, "4711") == []


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
    assert found(client, code[:8], role=Role.MARKETING) == []
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


def test_the_list_of_customers_offers_to_add_whoever_is_not_found(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))

    page = client.get("/admin/customers/customer/", {"q": "maria@mail.example"}).content.decode()

    assert "Nothing matches" in page
    assert "Add “maria@mail.example”" in page


def test_an_empty_list_says_what_comes_here(client):
    client.force_login(make_user(role=Role.ANALYST))

    page = client.get("/admin/customers/order/").content.decode()

    assert "Nothing here yet" in page
    assert "Orders come in by file or from the shop through the API." in page
