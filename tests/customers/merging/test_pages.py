"""What staff see when two records may be one person's."""

import pytest
from django.urls import reverse

from common.enums import Role, Scope
from customers.models import AttributeDefinition, Customer, DuplicateCandidate, Merge
from customers.operations.duplicates import find_duplicates
from customers.operations.merges import merge
from tests.api import api_client
from tests.factories import NOW, allow, make_customer, make_order, make_redemption, make_user
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    return client


def compare(survivor, loser):
    return f"{reverse('admin:customers_merge_with', args=[survivor.pk])}?with={loser.pk}"


def test_the_other_record_is_found_by_whatever_is_known_of_it(agent):
    ana = make_customer()
    twin = make_customer(first_name="Anna", external_id="H-77")
    address = reverse("admin:customers_merge_with", args=[ana.pk])

    page = agent.get(address, {"q": "H-77"}).content.decode()

    assert f"?with={twin.pk}" in page
    assert f"?with={ana.pk}" not in page


def test_both_are_seen_side_by_side_before_anything_changes(agent):
    ana = make_member(balance=100).customer
    twin = make_member(balance=30).customer
    AttributeDefinition.objects.create(code="size", label="Shoe size")
    Customer.objects.filter(pk=twin.pk).update(
        city="Recife", tax_id="52998224725", gender="female", attributes={"size": 38}
    )
    make_order(ana), make_order(twin), make_redemption(customer=twin)
    allow(twin)

    page = agent.get(compare(ana, twin)).content.decode()

    for text in (
        "529.982.247-25",
        "Recife",
        "Female",
        "Shoe size: 38",
        "Orders: 1",
        "Points: 100 and 30 make 130.",
        "Together 2 orders and a spend of R$\xa0200.00.",
        f"Allowed, because {twin.external_id} allowed it: E-mail (Marketing)",
        "used 0 and 1 times, of 1 per customer.",
    ):
        assert text in page
    assert not Merge.objects.exists()


def test_the_agent_decides_field_by_field_and_can_undo(agent):
    ana = make_customer(email="ana@mail.example", city="Olinda")
    twin = make_customer(email="twin@mail.example", city="Recife")

    answer = agent.post(compare(ana, twin), {"email": "loser", "city": "survivor"})

    assert answer.headers["Location"] == reverse("admin:customers_customer_profile", args=[ana.pk])
    ana.refresh_from_db()
    assert (ana.email, ana.city) == ("twin@mail.example", "Olinda")
    record = Merge.objects.get()
    undo = reverse("admin:customers_merge_undo", args=[record.pk])
    assert "1 row goes back." in agent.get(undo).content.decode()
    assert undo in agent.get(reverse("admin:customers_merge_changelist")).content.decode()
    agent.post(undo)
    ana.refresh_from_db()
    assert ana.email == "ana@mail.example"
    assert "It was undone" in agent.get(undo).content.decode()


def test_nonsense_is_refused(agent):
    ana, twin = make_customer(email="a@mail.example"), make_customer(email="b@mail.example")

    assert agent.post(compare(ana, twin), {"email": "nobody"}).status_code == 200
    assert agent.get(compare(ana, ana)).status_code == 404
    assert not Merge.objects.exists()


def test_an_undo_that_cannot_be_says_why(agent):
    ana, twin, third = make_customer(), make_customer(), make_customer()
    record = merge(ana, twin, by=None, at=NOW)
    merge(third, ana, by=None, at=NOW)
    undo = reverse("admin:customers_merge_undo", args=[record.pk])

    assert "undo that first" in agent.get(undo).content.decode()
    assert "undo that first" in agent.post(undo).content.decode()


def test_the_list_says_why_and_takes_no_for_an_answer(agent):
    ana = make_customer(tax_id="52998224725")
    twin = make_customer(tax_id="52998224725")
    find_duplicates(at=NOW)
    address = reverse("admin:customers_duplicatecandidate_changelist")

    page = agent.get(address).content.decode()
    assert "same CPF or CNPJ" in page
    assert "***.982.247-**" in page
    assert "52998224725" not in page
    by_phone = agent.get(address, {"reason": "phone"})
    assert list(by_phone.context["cl"].result_list) == []
    profile = agent.get(reverse("admin:customers_customer_profile", args=[twin.pk]))
    assert f"?with={ana.pk}" in profile.content.decode()

    pair = DuplicateCandidate.objects.get()
    agent.post(reverse("admin:customers_duplicatecandidate_dismiss", args=[pair.pk]))

    assert not DuplicateCandidate.objects.open().exists()


def test_programs_merge_too_once_for_each_key():
    ana, twin = make_customer(external_id="ana"), make_customer(external_id="twin")
    client = api_client(Scope.WRITE_CUSTOMERS, idempotency_key="1")

    answers = [client.post("/api/v1/customers/ana/merge", {"other": "twin"}) for _ in range(2)]
    same = api_client(Scope.WRITE_CUSTOMERS, idempotency_key="2").post(
        "/api/v1/customers/ana/merge", {"other": "ana"}
    )

    assert [answer.json()["external_id"] for answer in answers] == ["ana", "ana"]
    assert same.status_code == 422
    twin.refresh_from_db()
    assert twin.merged_into == ana
