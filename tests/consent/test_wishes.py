"""How often and about what somebody wants to hear from us."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from common.enums import Role, Scope
from common.errors import DomainError
from common.models import AuditEntry
from consent.enums import Occasion, TopicKind
from consent.models import MutedTopic, Wish
from consent.operations.wishes import mute, wish
from consent.queries.wishes import has_muted, wishes_of
from consent.rules.wishes import Topic, Wishes, topics_of
from customers.enums import ProfileTab
from customers.models import Customer, Event
from customers.operations.erasing import erase
from customers.operations.merges import merge, unmerge
from customers.queries.pages import profile_url
from customers.queries.timeline import kinds_called
from tests.api import api_client
from tests.factories import NOW, make_customer, make_product, make_user

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(days=30)
LATER = NOW + timedelta(days=60)
EASTER = Topic(TopicKind.OCCASION, Occasion.EASTER)
BIRTHDAY = Topic(TopicKind.OCCASION, Occasion.BIRTHDAY)


def told(customer):
    """Return what the timeline says of wishes, in words."""
    events = list(
        Event.objects.filter(customer=customer, kind__startswith="consent.").order_by("pk")
    )
    kinds = kinds_called({event.kind for event in events})
    return [
        str(kinds[it.kind].sentence) % (kinds[it.kind].in_words or dict)(it.data) for it in events
    ]


def test_wish_is_kept_and_told_in_words():
    ana = make_customer()
    milk = make_product(name="Milk")

    wish(ana, paused_until=SOON, at_most_every_days=7, at=NOW)
    mute(ana, [EASTER, Topic(TopicKind.PRODUCT, milk.sku)], at=NOW)

    kept = Wishes(SOON, 7, frozenset({EASTER, Topic(TopicKind.PRODUCT, milk.sku)}))
    assert wishes_of(ana) == kept
    assert told(ana) == [
        "Asked for no messages until 04/01/2026",
        "Wants messages at most once a week",
        "Does not want to be reminded of: Easter",
        "Does not want to be reminded of: Milk",
    ]


def test_wish_not_named_stays_and_a_repeat_is_told_once():
    ana = make_customer()
    wish(ana, at_most_every_days=30, at=NOW)
    wish(ana, paused_until=SOON, at=NOW)

    wish(ana, paused_until=SOON, at=LATER)

    assert wishes_of(ana) == Wishes(SOON, 30)
    assert len(told(ana)) == 2


def test_wishes_are_taken_back():
    ana = make_customer()
    wish(ana, paused_until=SOON, at_most_every_days=12, muted=frozenset({EASTER}), at=NOW)

    tomorrow = NOW + timedelta(days=1)
    wish(ana, paused_until=None, at_most_every_days=None, muted=frozenset(), at=tomorrow)

    assert wishes_of(ana) == Wishes()
    assert (Wish.objects.count(), MutedTopic.objects.count()) == (0, 0)
    assert told(ana)[-3:] == [
        "Ended the pause of messages",
        "Wants messages as often as there is something",
        "May be reminded again of: Easter",
    ]


def test_pause_that_is_over_is_not_ended_once_more():
    ana = make_customer()
    wish(ana, paused_until=SOON, at=NOW)

    wish(ana, paused_until=None, at=LATER)

    assert told(ana) == ["Asked for no messages until 04/01/2026"]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"at_most_every_days": 0}, "wrong_gap", "at_most_every_days"),
        ({"at_most_every_days": 366}, "wrong_gap", "at_most_every_days"),
        ({"paused_until": NOW}, "pause_is_over", "paused_until"),
        ({"muted": {Topic(TopicKind.OCCASION, "doomsday")}}, "unknown_topic", "muted"),
        ({"muted": {Topic(TopicKind.PRODUCT, "no-such")}}, "unknown_topic", "muted"),
        ({"muted": {Topic(TopicKind.CATEGORY, "Groc")}}, "unknown_topic", "muted"),
    ],
)
def test_wish_that_cannot_be_is_refused(changes, code, field):
    ana = make_customer()
    make_product(category="Grocery > Dairy")

    with pytest.raises(DomainError) as refused:
        wish(ana, at=NOW, **changes)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert wishes_of(ana) == Wishes()


def test_whoever_mutes_a_category_mutes_what_lies_below_it():
    milk = make_product(sku="milk", category="Grocery > Dairy > Milk")
    ana, bia, cid = (make_customer() for _ in range(3))
    mute(ana, [Topic(TopicKind.CATEGORY, "Grocery > Dairy")], at=NOW)
    mute(bia, [Topic(TopicKind.PRODUCT, "milk")], at=NOW)
    mute(cid, [EASTER], at=NOW)

    about_milk = topics_of(sku=milk.sku, category=milk.category)
    at_easter = topics_of(category="Grocery", occasions=[Occasion.EASTER])

    assert set(Customer.objects.filter(has_muted(about_milk))) == {ana, bia}
    assert set(Customer.objects.filter(has_muted(at_easter))) == {cid}
    assert not Customer.objects.filter(has_muted(set())).exists()


def test_merged_the_stricter_wish_stands_and_an_undo_divides_them():
    ana, twin = make_customer(), make_customer()
    wish(ana, at_most_every_days=7, muted=frozenset({EASTER}), at=NOW)
    both = frozenset({EASTER, BIRTHDAY})
    wish(twin, at_most_every_days=30, paused_until=SOON, muted=both, at=NOW)

    record = merge(ana, twin, by=None, at=NOW)
    assert wishes_of(ana) == Wishes(SOON, 30, both)
    unmerge(record, by=None, at=NOW)

    assert wishes_of(ana) == Wishes(None, 7, frozenset({EASTER}))
    assert wishes_of(twin) == Wishes(SOON, 30, both)


def test_wish_since_a_merge_is_both_peoples():
    ana, twin = make_customer(), make_customer()
    record = merge(ana, twin, by=None, at=NOW)
    wish(twin, at_most_every_days=30, at=NOW)

    unmerge(record, by=None, at=LATER)

    assert wishes_of(ana) == wishes_of(twin) == Wishes(None, 30)


def test_erased_nothing_is_left_of_wishes():
    ana = make_customer()
    wish(ana, at_most_every_days=7, muted=frozenset({EASTER}), at=NOW)

    erase(ana, by=None, reason="asked", at=NOW)

    assert (Wish.objects.count(), MutedTopic.objects.count()) == (0, 0)


# For programs and staff.


def test_wishes_are_read_and_replaced_by_a_program():
    ana = make_customer(external_id="ana")
    client = api_client(Scope.READ_CUSTOMERS, Scope.WRITE_CONSENT)
    told = {
        "paused_until": "2099-01-01T00:00:00Z",
        "at_most_every_days": 7,
        "muted": [{"kind": "occasion", "value": "easter"}],
    }

    answer = client.put("/api/v1/customers/ana/wishes", told)

    assert answer.status_code == 200
    assert wishes_of(ana).at_most_every_days == 7
    assert client.get("/api/v1/customers/ana/wishes").json() == answer.json()
    assert answer.json()["muted"] == told["muted"]
    assert client.put("/api/v1/customers/ana/wishes", {}).json() == {
        "paused_until": None,
        "at_most_every_days": None,
        "muted": [],
    }
    assert set(AuditEntry.objects.values_list("action", "subject_id")) == {
        ("consent.wishes_changed", ana.pk),
        ("consent.wishes_seen", ana.pk),
    }


@pytest.mark.parametrize(
    ("told", "field", "code"),
    [
        ({"at_most_every_days": 0}, "at_most_every_days", "min_value"),
        ({"paused_until": "2001-01-01T00:00:00Z"}, "paused_until", "pause_is_over"),
        ({"muted": [{"kind": "mood", "value": "x"}]}, "muted.0.kind", "invalid_choice"),
        ({"muted": [{"kind": "product", "value": "x"}]}, "muted", "unknown_topic"),
    ],
)
def test_wrong_wish_of_a_program_is_refused_by_field(told, field, code):
    make_customer(external_id="ana")

    answer = api_client(Scope.WRITE_CONSENT).put("/api/v1/customers/ana/wishes", told)

    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["code"]) == (field, code)


def test_profile_shows_wishes_in_words(client):
    ana = make_customer()
    milk = make_product(name="Milk")
    at = now()
    wish(ana, at_most_every_days=7, paused_until=at + timedelta(days=3), at=at)
    mute(ana, [EASTER, Topic(TopicKind.PRODUCT, milk.sku)], at=at)
    client.force_login(make_user(role=Role.SUPPORT_AGENT))

    html = client.get(profile_url(ana.pk, ProfileTab.PERMISSIONS)).content.decode()

    assert "at most once a week; paused until" in html
    assert "Easter, Milk" in html


def test_agent_is_given_the_link_and_that_is_written_down(client):
    ana = make_customer(language="en")
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    address = reverse("admin:consent_link", args=[ana.pk])
    assert "/p/" not in client.get(address).content.decode()

    html = client.post(address).content.decode()

    link = re.search(r'value="[^"]*(/p/[^"]+)"', html)
    assert link is not None
    assert "Your choices" in Client().get(link[1]).content.decode()
    assert AuditEntry.objects.filter(action="consent.link_given", subject_id=ana.pk).count() == 1
