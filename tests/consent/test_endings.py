from datetime import timedelta
from functools import partial

import pytest

from consent.enums import Act, ActorKind, Channel
from consent.models import ALWAYS, ConsentEvent, Permission, Purpose
from consent.operations.endings import expire
from customers.enums import Category
from customers.models import Event
from tests.consent.test_choices import assert_projection_is_the_fold
from tests.factories import NOW, make_choice, make_customer
from tests.races import at_once

TWO_YEARS = timedelta(days=730)
THEN = NOW + TWO_YEARS


@pytest.mark.django_db
def test_a_permission_ends_when_its_purpose_says():
    ana = make_customer()
    (given,) = make_choice(ana, channels=[Channel.EMAIL])
    make_choice(ana, purpose="transactional", channels=[Channel.EMAIL])

    assert expire(at=THEN - timedelta(seconds=1)) == 0
    assert expire(at=THEN) == 1
    assert expire(at=THEN) == 0

    ended = ConsentEvent.objects.latest("pk")
    assert given.valid_until == THEN
    assert (ended.act, ended.occurred_at, ended.recorded_at) == (Act.EXPIRED, THEN, THEN)
    assert (ended.actor_kind, ended.collection_point_id) == (ActorKind.SYSTEM, "system")
    marketing = Permission.objects.get(purpose="marketing")
    assert (marketing.channel_email, marketing.valid_until) == (None, ALWAYS)
    assert Permission.objects.get(purpose="transactional").channel_email is True
    assert Event.objects.filter(kind="consent.ended", customer_id=ana.pk).count() == 1


@pytest.mark.django_db
def test_only_what_is_over_ends():
    ana = make_customer()
    make_choice(ana, channels=[Channel.EMAIL], occurred_at=NOW - timedelta(days=10))
    make_choice(ana, channels=[Channel.SMS], categories=[Category.PURCHASE])
    make_choice(ana, channels=[Channel.PUSH], act=Act.REFUSED)

    expire(at=THEN - timedelta(days=5))

    permission = Permission.objects.get()
    assert (permission.channel_email, permission.channel_sms) == (None, True)
    assert (permission.channel_push, permission.valid_until) == (False, THEN)


@pytest.mark.django_db
@pytest.mark.parametrize("act", [Act.GIVEN, Act.RENEWED])
def test_a_permission_given_again_or_renewed_lives_on(act):
    ana = make_customer()
    make_choice(ana, channels=[Channel.EMAIL])
    month = timedelta(days=30)

    make_choice(ana, act=act, channels=[Channel.EMAIL], occurred_at=NOW + month, at=NOW + month)

    assert expire(at=THEN) == 0
    assert Permission.objects.get().valid_until == THEN + month


@pytest.mark.django_db
def test_what_ended_comes_back_by_a_new_yes():
    ana = make_customer()
    make_choice(ana, channels=[Channel.EMAIL])
    expire(at=THEN)

    make_choice(ana, channels=[Channel.EMAIL], occurred_at=THEN, at=THEN)

    assert Permission.objects.get().channel_email is True


@pytest.mark.django_db
def test_expiry_takes_as_many_at_once_as_it_is_told():
    for _ in range(3):
        make_choice(make_customer(), channels=[Channel.EMAIL])

    assert [expire(at=THEN, people=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.django_db
def test_a_purpose_without_days_never_ends():
    Purpose.objects.filter(pk="marketing").update(valid_days=None)
    make_choice(make_customer(), channels=[Channel.EMAIL])

    assert expire(at=NOW + 10 * TWO_YEARS) == 0
    assert Permission.objects.get().valid_until == ALWAYS


def test_expiry_renewal_and_withdrawal_at_once_leave_what_they_add_up_to(real_db):
    for _ in range(5):
        ana = make_customer()
        make_choice(ana, channels=[Channel.EMAIL, Channel.SMS])

        at_once(
            partial(expire, at=THEN),
            partial(make_choice, ana, channels=[Channel.EMAIL], occurred_at=THEN, at=THEN),
            partial(
                make_choice,
                ana,
                act=Act.WITHDRAWN,
                channels=[Channel.SMS],
                occurred_at=THEN,
                at=THEN,
            ),
        )
        expire(at=THEN)

        permission = Permission.objects.get(customer=ana)
        assert (permission.channel_email, permission.channel_sms) == (True, False)
        assert_projection_is_the_fold(ana)
