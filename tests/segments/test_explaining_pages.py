"""Why somebody is in a segment, as staff read it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from common.enums import Role
from common.models import AuditEntry
from customers.enums import ProfileTab
from customers.queries.pages import profile_url
from segments.models import Segment
from segments.operations.handpicking import remove_by_hand
from segments.operations.refreshing import refresh
from tests.factories import NOW, allow, make_customer, make_order, make_user
from tests.segments.factories import IN_PORTO, make_segment

pytestmark = pytest.mark.django_db

ORDERED = {"trait": "customers.orders", "operator": "did", "window": {"days": 30}}


@pytest.fixture
def marketer(client):
    user = make_user(role=Role.MARKETING, language="en")
    client.force_login(user)
    return user


@pytest.fixture
def ana():
    return allow(make_customer(city="Porto", first_name="Ana", last_name="Reis"))


def explanation(client, segment, customer):
    page = client.get(reverse("admin:segments_segment_explain", args=[segment.pk, customer.pk]))
    return page, " ".join(page.content.decode().split())


def test_the_page_tells_every_condition_what_was_seen_and_when_somebody_leaves(
    client, marketer, ana
):
    at = now()
    make_order(ana, ordered_at=at - timedelta(days=10))
    segment = make_segment(name="Active in Porto", rule={"all": [*IN_PORTO["all"], ORDERED]})
    refresh(segment, at=at)

    page, text = explanation(client, segment, ana)

    assert "Why is Ana Reis in “Active in Porto”?" in text
    assert "The rule means this person now." in text
    assert "Leaves on" in text
    change = page.context["change"]
    assert timedelta(0) <= at + timedelta(days=20) - change.at < timedelta(seconds=1)
    told = [(it.asked, it.answer, it.seen[:10]) for it in page.context["tree"]]
    assert told == [
        ("All of these", "true", ""),
        ("City is Porto", "true", "Porto"),
        ("Ordered at least once in the last 30 days", "true", "1 time, th"),
    ]
    entry = AuditEntry.objects.get(action="segments.explained")
    assert (entry.actor, entry.subject_id, entry.reason) == (marketer, ana.pk, segment.name)


def test_the_page_says_what_somebody_lacks_and_which_permission(client, marketer):
    bia = make_customer(city="Porto", first_name="Bia")
    segment = make_segment()
    refresh(segment, at=NOW)

    page, text = explanation(client, segment, bia)

    assert "The rule may not look at what it needs of this person." in text
    assert [it.needed for it in page.context["tree"]] == [[], ["About the person"]]


def test_the_page_tells_what_was_decided_by_hand_beside_what_the_rule_says(client, marketer, ana):
    segment = make_segment()
    refresh(segment, at=NOW)
    remove_by_hand(segment, ana, reason="She asked not to.", by=marketer, at=now())

    _page, text = explanation(client, segment, ana)

    assert "Not in the segment." in text
    assert "Removed by hand" in text
    assert "She asked not to." in text
    assert "The rule means this person now." in text


def test_what_a_role_may_not_see_is_not_shown(client, marketer, ana):
    make_order(ana, total="50.00")
    spends = {"trait": "customers.spend", "operator": "at_least", "value": 10}
    segment = make_segment(rule={"all": [spends]})
    marketing = marketer.groups.get()
    marketing.permissions.remove(marketing.permissions.get(codename="view_order"))

    page, text = explanation(client, segment, ana)

    (_whole, spent) = page.context["tree"]
    assert (spent.answer, spent.is_hidden, spent.seen) == ("true", True, "")
    assert "Not shown to your role." in text
    assert "50.00" not in text


def test_of_whoever_was_removed_by_hand_the_page_tells_what_the_rule_alone_says(
    client, marketer, ana
):
    at = now()
    make_order(ana, ordered_at=at - timedelta(days=10))
    segment = make_segment(rule={"all": [ORDERED]})
    refresh(segment, at=at)
    remove_by_hand(segment, ana, reason="Asked us to", by=marketer, at=at)

    _page, text = explanation(client, segment, ana)

    assert "“Asked us to”. That stands whatever the rule says; the rule alone says:" in text
    assert "The rule means this person now." in text
    assert "on it does not mean this person, unless something else happens before." in text
    assert "Leaves on" not in text


def test_a_rule_that_is_none_any_more_says_so(client, marketer, ana):
    segment = make_segment()
    gone = {"all": [{"trait": "gone.away", "operator": "is", "value": 1}]}
    Segment.objects.filter(pk=segment.pk).update(rule=gone)

    page, text = explanation(client, segment, ana)

    assert page.status_code == 200
    assert "Choose what to ask about." in text


def test_one_asks_about_any_segment_from_the_profile(client, marketer, ana):
    inside, outside = (
        make_segment(name="Porto"),
        make_segment(
            name="Faro",
            rule={"all": [{"trait": "customers.city", "operator": "is", "value": "Faro"}]},
        ),
    )
    for segment in (inside, outside):
        refresh(segment, at=NOW)

    profile = client.get(profile_url(ana.pk, ProfileTab.MESSAGES)).content.decode()
    address = reverse("admin:segments_segment_why", args=[ana.pk])
    listed = client.get(address)
    narrowed = client.get(address, {"q": "far"})

    assert reverse("admin:segments_segment_explain", args=[inside.pk, ana.pk]) in profile
    assert address in profile
    assert [segment.name for segment in listed.context["segments"]] == ["Porto", "Faro"]
    assert [segment.name for segment in narrowed.context["segments"]] == ["Faro"]


def test_an_agent_sees_on_a_profile_why_somebody_is_in_a_segment_and_changes_nothing(client, ana):
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    segment = make_segment(name="Porto")
    refresh(segment, at=NOW)

    profile = client.get(profile_url(ana.pk, ProfileTab.MESSAGES)).content.decode()
    _page, text = explanation(client, segment, ana)

    assert reverse("admin:segments_segment_explain", args=[segment.pk, ana.pk]) in profile
    assert reverse("admin:segments_segment_of_customer", args=[ana.pk]) not in profile
    assert "The rule means this person now." in text


def test_the_members_list_leads_to_why(client, marketer, ana):
    segment = make_segment()
    refresh(segment, at=NOW)

    page = client.get(reverse("admin:segments_segment_overview", args=[segment.pk]))

    address = reverse("admin:segments_segment_explain", args=[segment.pk, ana.pk])
    assert address in page.content.decode()


def test_an_explanation_costs_the_same_for_a_long_rule(
    client, marketer, ana, django_assert_max_num_queries
):
    segment = make_segment(rule={"any": [*IN_PORTO["all"] * 20, *[ORDERED] * 20]})
    address = reverse("admin:segments_segment_explain", args=[segment.pk, ana.pk])

    with django_assert_max_num_queries(30):
        client.get(address)
