"""What stands on the timeline brings profiles and memberships in line."""

import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from importlib.machinery import ModuleSpec
from types import ModuleType

from common.discovery import declared
from customers.models import Event, WebhookSubscription
from customers.operations.consuming import follow
from customers.operations.erasing import erase
from customers.operations.merges import merge
from customers.operations.profile import save_customer
from customers.queries.timeline import position_of
from segments.consumers import CHANGES_READER
from segments.models import Membership, Profile
from segments.operations.refreshing import refresh
from segments.operations.sweeping import READER
from segments.operations.telling import told_of
from tests.factories import NOW, allow, make_customer, make_user
from tests.segments.test_reconsidering import inside, live

LATER = NOW + timedelta(hours=1)


def follow_all():
    """Read as the scheduler does; the server's own work may delay the horizon."""
    deadline = time.monotonic() + 60
    told = Event.objects.exclude(kind__startswith="segments.")
    last = told.latest("pk").pk
    while position_of(READER).event_id < last:
        assert time.monotonic() < deadline
        follow(CHANGES_READER, at=LATER)
        time.sleep(0.01)


def test_a_changed_customer_comes_in_and_is_told_to_whoever_listens(real_db):
    segment = live()
    WebhookSubscription.objects.create(
        name="Shop", url="https://shop.example", kinds=["segments.entered"], secret_sealed=b"x"
    )
    customer = allow(make_customer(city="Faro"))
    follow_all()
    assert inside(segment) == set()

    customer.city = "Porto"
    save_customer(customer, at=LATER)
    follow_all()

    assert inside(segment) == {customer.pk}
    told = Event.objects.get(kind="segments.entered")
    assert (told.customer_id, told.occurred_at) == (customer.pk, LATER)
    assert told.data == {"segment_id": segment.pk, "segment": segment.name}
    # Telling of it sets nothing off again.
    follow(CHANGES_READER, at=LATER)
    assert Event.objects.filter(kind__startswith="segments.").count() == 1


@contextmanager
def declared_by(app, file, **declarations):
    """Let an app have one more file of declarations, as if it stood in its folder."""
    name = f"{app}.{file}"
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    vars(module).update(declarations)
    sys.modules[name] = module
    declared.cache_clear()
    try:
        yield
    finally:
        del sys.modules[name]
        declared.cache_clear()


def test_an_app_that_listens_is_told_of_its_segments_alone(real_db):
    heard, unheard = live(), live()
    customer = allow(make_customer(city="Porto"))
    with declared_by("loyalty", "listeners", LISTENERS=[lambda: {heard.pk}]):
        follow_all()
        customer.city = "Faro"
        save_customer(customer, at=LATER)
        follow_all()

    told = Event.objects.filter(kind__startswith="segments.").order_by("pk")
    assert list(told.values_list("kind", "customer", "data__segment_id")) == [
        ("segments.entered", customer.pk, heard.pk),
        ("segments.left", customer.pk, heard.pk),
    ]
    # What nobody listens to happened all the same.
    for segment in (heard, unheard):
        assert segment.memberships.get().left_at == LATER


def test_several_apps_listen_and_their_segments_add_up(db):
    first, second, third = live(), live(), live()
    listeners = [lambda: {first.pk}, lambda: {second.pk, 10**9}]
    with declared_by("loyalty", "listeners", LISTENERS=listeners):
        assert told_of([first.pk, second.pk, third.pk]) == {first.pk, second.pk}
        assert told_of([third.pk]) == set()


def test_a_first_fill_and_a_new_rule_are_told_to_nobody(real_db):
    WebhookSubscription.objects.create(
        name="Shop", url="https://shop.example", all_kinds=True, secret_sealed=b"x"
    )
    allow(make_customer(city="Porto"))

    segment = live()

    assert segment.member_count == 1
    assert not Event.objects.filter(kind="segments.entered").exists()
    # What a later refresh finds has happened.
    allow(make_customer(city="Porto"))
    refresh(segment, at=LATER)
    assert Event.objects.filter(kind="segments.entered").count() == 1


def test_merged_and_erased_customers_have_no_profile_and_no_membership(real_db):
    segment = live()
    stays, goes, erased = (allow(make_customer(city="Porto")) for _ in range(3))
    follow_all()
    assert inside(segment) == {stays.pk, goes.pk, erased.pk}

    merge(stays, goes, picks={}, by=make_user(), at=LATER)
    erase(erased, by=make_user(), reason="asked", at=LATER)
    follow_all()

    assert inside(segment) == {stays.pk}
    assert list(Profile.objects.values_list("pk", flat=True)) == [stays.pk]
    assert Membership.objects.filter(left_at=None).count() == 1
