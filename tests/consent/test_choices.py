from contextlib import nullcontext
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.enums import Act, Channel
from consent.models import ALWAYS, ConsentEvent, Permission
from consent.operations.choices import (
    ChosenInTheFuture,
    NothingChosen,
    ReferenceReused,
    project,
)
from consent.rules import Answer, Choice, standing
from customers.enums import Category
from customers.models import Customer, Event
from tests.factories import NOW, make_choice, make_customer
from tests.races import at_once

CHANNELS = [Channel.EMAIL, Channel.PUSH]
CATEGORIES = [Category.PURCHASE, Category.SEARCH]


def assert_projection_is_the_fold(customer: Customer) -> None:
    for purpose in ("marketing", "transactional"):
        events = list(ConsentEvent.objects.filter(customer=customer, purpose=purpose))
        permission = Permission.objects.filter(customer=customer, purpose=purpose).first()
        answers = {scope: folded(events, scope) for scope in [*Channel, *Category]}
        for scope, answer in answers.items():
            assert projected(permission, scope) == answer.says, (purpose, scope)
        ends = [answer.until for answer in answers.values() if answer.until]
        assert (permission.valid_until if permission else ALWAYS) == min(ends, default=ALWAYS)


def folded(events: list[ConsentEvent], scope: Channel | Category) -> Answer:
    """Return what the choices about one channel or kind of data add up to, read one by one."""
    in_order = sorted(events, key=lambda event: event.pk)
    return standing(
        Choice(Act(event.act), event.occurred_at, event.valid_until)
        for event in in_order
        if scope in {event.channel, event.category}
    )


def projected(permission: Permission | None, scope: Channel | Category) -> bool | None:
    kind = "channel" if isinstance(scope, Channel) else "data"
    return getattr(permission, f"{kind}_{scope.value}", None)


@pytest.mark.django_db
def test_choice_is_an_event_a_permission_and_a_line_in_the_timeline():
    ana = make_customer()

    (event,) = make_choice(ana, channels=[Channel.EMAIL])

    assert (event.act, event.basis, event.channel) == (Act.GIVEN, "consent", Channel.EMAIL)
    assert Permission.objects.get().channel_email is True
    assert Event.objects.get(kind="consent.given").data == {
        "purpose": "marketing",
        "channel": "email",
        "category": "",
    }


@pytest.mark.django_db
def test_choice_again_with_the_same_reference_changes_nothing():
    ana = make_customer()
    first = make_choice(ana, channels=CHANNELS, reference="form-1")

    again = make_choice(
        ana,
        channels=CHANNELS,
        reference="form-1",
        occurred_at=NOW + timedelta(seconds=2),
        at=NOW + timedelta(seconds=2),
    )

    assert again == first
    assert ConsentEvent.objects.count() == 2


@pytest.mark.django_db
def test_another_choice_under_a_used_reference_is_refused():
    ana = make_customer()
    make_choice(ana, channels=[Channel.EMAIL], reference="form-1")

    with pytest.raises(ReferenceReused):
        make_choice(ana, channels=[Channel.EMAIL], act=Act.WITHDRAWN, reference="form-1")

    assert Permission.objects.get().channel_email is True


@pytest.mark.django_db
def test_nothing_chosen_is_refused():
    with pytest.raises(NothingChosen):
        make_choice(make_customer())


@pytest.mark.django_db
@pytest.mark.parametrize(("ahead", "refused"), [(5, False), (6, True)])
def test_choice_lies_in_the_past_but_for_clocks_that_differ(ahead, refused):
    ana = make_customer()
    expected = pytest.raises(ChosenInTheFuture) if refused else nullcontext()

    with expected:
        make_choice(ana, channels=[Channel.EMAIL], occurred_at=NOW + timedelta(minutes=ahead))


@pytest.mark.django_db
def test_late_grant_does_not_undo_a_withdrawal_made_after_it():
    ana = make_customer()
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL], occurred_at=NOW)

    make_choice(ana, channels=[Channel.EMAIL], occurred_at=NOW - timedelta(days=1))

    assert Permission.objects.get().channel_email is False


acts = st.tuples(
    st.sampled_from(Act),
    st.sampled_from(["marketing", "transactional"]),
    st.lists(st.sampled_from(CHANNELS), unique=True),
    st.lists(st.sampled_from(CATEGORIES), unique=True),
    st.integers(min_value=0, max_value=3),
).filter(lambda act: act[2] or act[3])


@pytest.mark.django_db
@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.lists(acts, max_size=8))
def test_projection_is_the_fold_of_the_choices(choices):
    ana = make_customer()

    for act, purpose, channels, categories, hours_ago in choices:
        make_choice(
            ana,
            act=act,
            purpose=purpose,
            channels=channels,
            categories=categories,
            occurred_at=NOW - timedelta(hours=hours_ago),
        )

    assert_projection_is_the_fold(ana)


@pytest.mark.django_db
@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(acts, max_size=6), st.lists(acts, max_size=6))
def test_projection_of_many_at_once_is_that_of_each(first, second):
    people = make_customer(), make_customer()
    for person, choices in zip(people, (first, second), strict=True):
        for act, purpose, channels, categories, hours_ago in choices:
            make_choice(
                person,
                act=act,
                purpose=purpose,
                channels=channels,
                categories=categories,
                occurred_at=NOW - timedelta(hours=hours_ago),
            )
    Permission.objects.all().delete()

    project([person.pk for person in people], at=NOW)

    for person in people:
        assert_projection_is_the_fold(person)


def test_grant_and_withdrawal_at_once_leave_what_they_add_up_to(real_db):
    for _ in range(5):
        ana = make_customer()

        at_once(
            partial(make_choice, ana, channels=[Channel.EMAIL]),
            partial(make_choice, ana, channels=[Channel.EMAIL], act=Act.WITHDRAWN),
            partial(make_choice, ana, categories=[Category.PURCHASE]),
        )

        assert ConsentEvent.objects.filter(customer=ana).count() == 3
        assert_projection_is_the_fold(ana)


def test_withdrawal_made_later_wins_whichever_comes_in_first(real_db):
    earlier = NOW - timedelta(minutes=1)
    for _ in range(5):
        ana = make_customer()

        at_once(
            partial(make_choice, ana, channels=[Channel.EMAIL], occurred_at=earlier),
            partial(make_choice, ana, channels=[Channel.EMAIL], act=Act.WITHDRAWN),
        )

        assert Permission.objects.get(customer=ana).channel_email is False
