from datetime import timedelta
from decimal import Decimal

import pytest

from customers.enums import Touch
from customers.models import ConsumerPosition, CustomerMetrics, DeclaredKind
from customers.operations.buys import refresh_buys
from customers.operations.timeline import NewEvent, record_events
from customers.operations.touches import keep_touches, refresh_touches, touch_faults
from customers.queries.timeline import event_kinds
from customers.rules import Position, Span
from customers.rules.returns import Line
from tests.factories import NOW, make_customer, make_order, make_product

pytestmark = pytest.mark.django_db

ALL = Span(Position(), Position(32_000, 2**62, 2**62))
DAY = timedelta(days=1)


def told(customer, kind, at, reference):
    record_events([NewEvent(kind, customer.pk, at, reference, {})])


def touches_of(customer):
    found = CustomerMetrics.objects.get(customer=customer)
    return found.last_seen_at, found.last_open_at, found.last_click_at


def test_last_seen_opened_and_clicked_follow_the_events():
    ana = make_customer()
    told(ana, "customers.page_viewed", NOW, "view")
    told(ana, "campaigns.message_opened", NOW - DAY, "open")
    told(ana, "campaigns.link_followed", NOW - 2 * DAY, "click")

    keep_touches(ALL)

    assert touches_of(ana) == (NOW, NOW - DAY, NOW - 2 * DAY)


def test_what_others_did_to_somebody_is_no_sign_of_life():
    ana = make_customer()
    told(ana, "campaigns.message_sent", NOW + DAY, "sent")
    told(ana, "customers.case_resolved", NOW + DAY, "resolved")

    keep_touches(ALL)

    # She was seen when she registered.
    assert touches_of(ana)[0] == NOW


def test_an_earlier_event_told_later_changes_nothing():
    ana = make_customer()
    told(ana, "customers.page_viewed", NOW, "view")
    keep_touches(ALL)

    told(ana, "customers.page_viewed", NOW - DAY, "earlier")
    keep_touches(ALL)

    assert touches_of(ana)[0] == NOW


def test_an_order_is_a_sign_of_life_without_an_event():
    ana = make_customer()
    make_order(ana, ordered_at=NOW)

    assert touches_of(ana)[0] == NOW


def test_the_shops_own_kinds_are_signs_of_life():
    DeclaredKind.objects.create(code="shop.saved", label="Saved", category="browsing")
    ana = make_customer()
    told(ana, "shop.saved", NOW + DAY, "saved")

    keep_touches(ALL)

    assert touches_of(ana)[0] == NOW + DAY


def test_events_that_went_elsewhere_are_forgotten():
    ana, bia = make_customer(), make_customer()
    told(ana, "customers.page_viewed", NOW, "view")
    keep_touches(ALL)
    CustomerMetrics.objects.filter(customer=bia).update(last_event_at=NOW + DAY)

    refresh_touches([ana.pk, bia.pk])

    assert touches_of(ana)[0] == NOW
    assert touches_of(bia)[0] < NOW + DAY


def test_drift_is_found():
    ana = make_customer()
    told(ana, "customers.page_viewed", NOW, "view")
    keep_touches(ALL)
    position = {"generation": 32_000, "xid": 2**62, "event_id": 2**62}
    ConsumerPosition.objects.create(name="reader", **position)
    assert touch_faults("reader") == []

    CustomerMetrics.objects.filter(customer=ana).update(last_event_at=NOW - DAY)

    assert touch_faults("reader") == [ana.pk]


def test_whoever_opened_or_clicked_was_seen():
    for kind in event_kinds().values():
        assert not kind.touches or Touch.SEEN in kind.touches, kind.code


def buy(customer, at, **spent):
    """Order one thing of each category; their names have no spaces here."""
    lines = [
        Line(make_product(category=name.replace("_", " > ")).sku, Decimal(1), Decimal(total))
        for name, total in spent.items()
    ]
    make_order(customer, ordered_at=at, lines=lines)


def test_what_somebody_buys_is_what_they_spend_most_on_in_a_year():
    ana = make_customer()
    buy(ana, NOW - DAY, Food_Dairy_Milk=5, Food_Dairy_Cheese=6, Wine=10, Food_Bread=3, Garden=2)
    buy(ana, NOW - 400 * DAY, Toys=99)

    refresh_buys(at=NOW)

    assert CustomerMetrics.objects.get().buys == ["Food > Dairy", "Wine", "Food > Bread"]


def test_who_stopped_buying_buys_nothing():
    ana = make_customer()
    buy(ana, NOW, Wine=10)
    refresh_buys(at=NOW)

    refresh_buys(at=NOW + 400 * DAY)

    assert CustomerMetrics.objects.get(customer=ana).buys == []
