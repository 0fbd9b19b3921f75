"""Whatever two people did: merged and divided again, every row is what it was."""

from datetime import timedelta

from django.apps import apps
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns.models import OfferUse
from campaigns.queries.drift import drifted_uses
from common.models import AuditEntry
from consent.enums import Act, Channel, Occasion, TopicKind
from consent.models import ConsentEvent, Permission, Wish
from consent.operations.wishes import mute, wish
from consent.rules.wishes import Topic
from customers.enums import Category, ContactChannel, OrderStatus
from customers.models import Cart, Customer, CustomerMetrics, Event, Merge, MergedRows
from customers.operations.cases import open_case
from customers.operations.merges import merge, unmerge
from customers.operations.metrics import metric_faults
from customers.operations.surveys import record_answer
from customers.operations.touches import refresh_touches
from customers.queries.holdings import holdings
from loyalty.operations.orders import settle
from loyalty.operations.points import spend
from loyalty.queries import faults
from segments.models import Segment
from segments.operations.handpicking import add_by_hand, remove_by_hand
from tests.factories import (
    NOW,
    allow,
    make_apology,
    make_choice,
    make_customer,
    make_launched,
    make_offer,
    make_order,
    make_product,
    make_redemption,
    make_segment,
    make_voucher,
)
from tests.loyalty.factories import make_member

LATER = NOW + timedelta(days=1)


def order(person, number):
    bought = make_order(person, external_id=f"o{number}", total=str(10 + number))
    settle([bought.pk], at=NOW)


def returned_order(person, number):
    settle([make_order(person, external_id=f"r{number}").pk], at=NOW)
    product = make_product()
    back = make_order(
        person, external_id=f"r{number}", product=product, status=OrderStatus.RETURNED
    )
    settle([back.pk], at=NOW)


def spent(person, number):
    spend(make_member(customer=person, balance=20), points=7, reference=f"s{number}", at=NOW)


def redeemed(person, number):
    offer = make_offer(per_customer_limit=2)
    make_redemption(make_voucher(offer, customer=person)[1], customer=person)


def shared_segment():
    return Segment.objects.filter(name="Shared").first() or make_segment(name="Shared")


ACTS = {
    "order": order,
    "returned": returned_order,
    "spent": spent,
    "redeemed": redeemed,
    "case": lambda person, n: open_case(
        person, channel=ContactChannel.CHAT, subject="?", reference=f"c{n}", at=NOW
    ),
    "answer": lambda person, n: record_answer(
        person, score=n % 10, answered_at=NOW, reference=f"a{n}"
    ),
    "cart": lambda person, n: Cart.objects.create(
        external_id=f"k{n}", customer=person, total=n, changed_at=NOW
    ),
    "allow": lambda person, n: allow(person),
    "yes": lambda person, n: make_choice(person, channels=[Channel.SMS]),
    "no": lambda person, n: make_choice(
        person, act=Act.WITHDRAWN, channels=[Channel.SMS], categories=[Category.PURCHASE]
    ),
    "pause": lambda person, n: wish(person, paused_until=NOW + timedelta(days=n + 1), at=NOW),
    "seldom": lambda person, n: wish(person, at_most_every_days=n + 1, at=NOW),
    "mute": lambda person, n: mute(person, [Topic(TopicKind.OCCASION, Occasion.EASTER)], at=NOW),
    "apology": lambda person, n: make_apology(person),
    "message": lambda person, n: make_launched(person),
    "segment": lambda person, n: make_segment(person),
    "added": lambda person, n: add_by_hand(shared_segment(), person, reason="?", by=None, at=NOW),
    "removed": lambda person, n: remove_by_hand(
        shared_segment(), person, reason="?", by=None, at=NOW
    ),
}
LIVES = st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(ACTS))), min_size=1, max_size=8)

# Written by the merge and by the undo, and kept.
NEW_ROWS = {Merge, MergedRows, AuditEntry}
# When a row was last written is not what it says.
STAMPS = {
    Customer: {"updated_at"},
    Permission: {"id", "changed_at", "last_event_id"},
    Wish: {"id", "changed_at"},
}


def world() -> dict[str, set]:
    """Return what every table that tells of people says."""
    models = {holding.model for holding in holdings()} | {apps.get_model("campaigns.Offer")}
    return {model.__name__: said(model) for model in models - NEW_ROWS}


def said(model) -> set:
    left_out = STAMPS.get(model, set())
    names = [f.attname for f in model._meta.concrete_fields if f.attname not in left_out]
    return {str(row) for row in model.objects.values_list(*names)}


class Laws(TestCase):
    @settings(max_examples=40, derandomize=True, deadline=None)
    @given(lives=LIVES, both=st.sampled_from(["", "segment", "message"]))
    def test_merged_and_divided_everything_is_as_before(self, lives, both):
        people = make_customer(city="Recife"), make_customer(phone="+5511987654321")
        for number, (is_second, act) in enumerate(lives):
            ACTS[act](people[is_second], number)
        if both:
            {"segment": make_segment, "message": make_launched}[both](*people)
        refresh_touches([person.pk for person in people])
        before = world()

        record = merge(*people, by=None, at=LATER)
        assert (faults(), metric_faults(), list(drifted_uses())) == ([], [], [])
        unmerge(record, by=None, at=LATER)

        assert (faults(), metric_faults(), list(drifted_uses())) == ([], [], [])
        after = world()
        # Whoever never ordered or redeemed may have a row of noughts, or none.
        noughts = {CustomerMetrics.__name__, OfferUse.__name__}
        added = {Event.__name__, ConsentEvent.__name__, *noughts}
        assert {name: rows - after[name] for name, rows in before.items()} == {
            name: set() for name in before
        }
        assert {name for name, rows in after.items() if rows - before[name]} <= added
