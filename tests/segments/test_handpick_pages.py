"""Adding and removing by hand, as a marketer does it."""

import pytest
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from customers.enums import ProfileTab
from customers.queries.pages import profile_url
from segments.enums import Handpicked
from segments.models import Handpick
from segments.operations.archiving import archive
from segments.operations.handpicking import add_by_hand, remove_by_hand
from segments.operations.refreshing import refresh
from segments.queries import members
from tests.factories import NOW, allow, make_customer, make_user
from tests.segments.factories import make_segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client):
    user = make_user(role=Role.MARKETING, username="bia")
    client.force_login(user)
    return user


def by_hand(segment):
    return reverse("admin:segments_segment_by_hand", args=[segment.pk])


def test_somebody_is_found_by_name_or_number(client, marketer):
    segment = make_segment()
    ana = make_customer(first_name="Ana", last_name="Reis", external_id="C-77")

    by_name = client.get(by_hand(segment), {"q": "reis"})
    by_number = client.get(by_hand(segment), {"q": "C-77"})

    for page in (by_name, by_number):
        (found,) = page.context["found"]
        assert (found.customer, found.stay, found.handpick) == (ana, None, None)
    assert AuditEntry.objects.filter(action="segments.standing_seen", actor=marketer).count() == 2


def test_a_marketer_adds_somebody_and_sees_who_did_and_why(client, marketer):
    segment, ana = make_segment(), make_customer(first_name="Ana", last_name="Reis")
    refresh(segment, at=NOW)

    told = {"reason": "Asked at the till.", "word": "added"}
    answer = client.post(f"{by_hand(segment)}?customer={ana.pk}", told, follow=True)

    assert list(members(segment)) == [ana]
    page = answer.content.decode()
    assert "Ana Reis is in" in page
    assert "Asked at the till." in page
    assert "bia" in page


def test_a_reason_is_asked_for(client, marketer):
    segment, ana = make_segment(), make_customer()

    page = client.post(f"{by_hand(segment)}?customer={ana.pk}", {"reason": "", "word": "added"})

    assert page.context["form"].errors["reason"] == ["This field is required."]
    assert not Handpick.objects.exists()


def test_a_decision_is_taken_back(client, marketer):
    segment, ana = make_segment(), allow(make_customer(city="Porto"))
    refresh(segment, at=NOW)
    pick = remove_by_hand(segment, ana, reason="Complained.", by=marketer, at=NOW)
    address = reverse("admin:segments_handpick_take_back", args=[pick.pk])

    assert "Complained." in client.get(address).content.decode()
    client.post(address)

    assert list(members(segment)) == [ana]


def test_the_members_page_leads_to_the_decision_about_each(client, marketer):
    segment, ana = make_segment(), allow(make_customer(city="Porto"))
    refresh(segment, at=NOW)

    page = client.get(reverse("admin:segments_segment_overview", args=[segment.pk]))

    assert f"{by_hand(segment)}?customer={ana.pk}" in page.content.decode()


def test_the_customers_page_says_what_was_decided_and_leads_to_deciding(client, marketer):
    segment, ana = make_segment(name="Choir"), make_customer()
    add_by_hand(segment, ana, reason="Sings.", by=marketer, at=NOW)

    page = client.get(profile_url(ana.pk, ProfileTab.MESSAGES)).content.decode()

    assert "Sings." in page
    assert "bia" in page
    assert reverse("admin:segments_segment_of_customer", args=[ana.pk]) in page


def test_a_customer_is_kept_out_of_a_segment_from_their_own_page(client, marketer):
    segment, ana = make_segment(), allow(make_customer(city="Porto"))
    refresh(segment, at=NOW)
    address = reverse("admin:segments_segment_of_customer", args=[ana.pk])

    told = {"segment": segment.pk, "reason": "Asked us.", "word": "removed"}
    answer = client.post(address, told)

    assert answer.headers["Location"] == profile_url(ana.pk, ProfileTab.MESSAGES)
    assert not members(segment).exists()
    assert Handpick.objects.get().word == Handpicked.REMOVED


def test_of_a_list_no_rule_decides_when_a_decision_is_taken_back(client, marketer):
    kept = make_segment(rule=None)
    pick = add_by_hand(kept, make_customer(), reason="A guest.", by=marketer, at=NOW)
    address = reverse("admin:segments_handpick_take_back", args=[pick.pk])

    asked = client.get(address).content.decode()
    answered = client.post(address, follow=True).content.decode()

    assert "the customer stands as before the decision" in asked
    assert "Taken back." in answered
    assert "rule decides" not in asked + answered
    assert not members(kept).exists()


def test_nobody_is_put_into_an_archived_segment(client, marketer):
    segment, ana = make_segment(), make_customer()
    archive(segment, by=None, at=NOW)

    page = client.get(reverse("admin:segments_segment_of_customer", args=[ana.pk]))

    assert segment not in page.context["form"].fields["segment"].queryset


def test_the_number_of_queries_does_not_grow_with_the_decisions(
    client, marketer, django_assert_num_queries
):
    segment = make_segment()
    for _ in range(3):
        add_by_hand(segment, make_customer(), reason="?", by=marketer, at=NOW)
    with django_assert_num_queries(7):
        client.get(by_hand(segment))
    for _ in range(7):
        add_by_hand(segment, make_customer(), reason="?", by=marketer, at=NOW)

    with django_assert_num_queries(7):
        client.get(by_hand(segment))
