"""Minors (invariant I11): what they, their guardians and the calendar may do."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from common.enums import Role
from consent.enums import Act, ActorKind, Channel
from consent.models import ConsentEvent, PendingOptIn, Permission, PrivacySettings, Purpose
from consent.operations.choices import record_choice
from consent.operations.coming_of_age import ask_those_of_age, find_minors
from consent.operations.endings import expire
from consent.operations.guardians import (
    AdultsOnly,
    BirthDateNeeded,
    GuardianNeeded,
    GuardianNotNeeded,
)
from consent.operations.opt_in_messages import send_opt_ins
from customers.enums import Category
from customers.models import Customer
from customers.operations.profile import change_customer
from customers.queries.pages import profile_url
from tests.factories import NOW, make_customer, make_user

pytestmark = pytest.mark.django_db

# NOW is 2 March 2026. Midnight in São Paulo is 03:00 in UTC.
LEAP_DAY, OF_AGE_AT = date(2008, 2, 29), datetime(2026, 3, 1, 3, tzinfo=UTC)
BEFORE = datetime(2026, 2, 20, 12, tzinfo=UTC)


def choose(customer, *, purpose="research", by=ActorKind.SUBJECT, at=BEFORE, reference="c-1"):
    return record_choice(
        customer,
        purpose=Purpose.objects.get(pk=purpose),
        act=Act.GIVEN,
        channels=[Channel.EMAIL],
        categories=[Category.PURCHASE],
        collection_point="till",
        actor_kind=by,
        evidence="Marina Souza, mother, +55 11 98765-4321, signed form 17",
        occurred_at=at,
        reference=reference,
        at=at,
    )


def make_minor(**facts) -> Customer:
    return make_customer(**{"birth_date": LEAP_DAY, "at": BEFORE, **facts})


def email_allowed() -> bool | None:
    return Permission.objects.get(purpose="research").channel_email


def test_a_minor_allows_nothing_by_themselves():
    with pytest.raises(GuardianNeeded) as refused:
        choose(make_minor())

    assert refused.value.field == "actor_kind"
    assert not ConsentEvent.objects.exists()


def test_a_guardian_allows_it_until_the_minor_is_of_age():
    events = choose(make_minor(), by=ActorKind.GUARDIAN)

    assert {event.valid_until for event in events} == {OF_AGE_AT}
    assert {event.actor_kind for event in events} == {ActorKind.GUARDIAN}
    assert b"Marina" not in bytes(events[0].evidence_sealed)
    assert email_allowed() is True


def test_what_ends_earlier_by_its_purpose_ends_earlier():
    Purpose.objects.filter(pk="research").update(valid_days=3)

    events = choose(make_minor(), by=ActorKind.GUARDIAN)

    assert {event.valid_until for event in events} == {BEFORE + timedelta(days=3)}


@pytest.mark.parametrize("by", [ActorKind.SUBJECT, ActorKind.GUARDIAN])
def test_nobody_allows_what_is_for_adults_only(by):
    with pytest.raises(AdultsOnly) as refused:
        choose(make_minor(), purpose="marketing", by=by)

    assert refused.value.field == "purpose"


def test_a_guardian_does_not_speak_for_the_grown_up():
    with pytest.raises(GuardianNotNeeded):
        choose(make_minor(), by=ActorKind.GUARDIAN, at=NOW)


@pytest.mark.parametrize("born", [None, date(1904, 2, 29)])
def test_a_guardian_needs_the_birth_date(born):
    with pytest.raises(BirthDateNeeded):
        choose(make_minor(birth_date=born), by=ActorKind.GUARDIAN)


def test_where_the_shop_is_for_children_nobody_of_unknown_age_allows_anything():
    stranger = make_minor(birth_date=None)
    PrivacySettings.objects.create(unknown_age_is_minor=True)

    with pytest.raises(BirthDateNeeded):
        choose(stranger)


def test_elsewhere_whoever_does_not_tell_their_age_decides_for_themselves():
    choose(make_minor(birth_date=None))

    assert email_allowed() is True


def test_a_birth_date_told_later_stops_what_a_minor_allowed():
    person = make_minor(birth_date=None)
    choose(person)
    person.birth_date = LEAP_DAY

    change_customer(person, changed=["birth_date"], at=BEFORE + timedelta(days=1))

    assert email_allowed() is None
    assert ConsentEvent.objects.filter(act=Act.EXPIRED).count() == 2


def test_a_birth_date_told_later_leaves_what_a_guardian_allowed():
    minor = make_minor()
    choose(minor, by=ActorKind.GUARDIAN)
    minor.birth_date = date(2009, 1, 1)

    change_customer(minor, changed=["birth_date"], at=BEFORE + timedelta(days=1))

    assert email_allowed() is True


def test_a_birth_date_that_came_by_a_file_is_found_at_night():
    minor, grown_up = make_minor(birth_date=None), make_minor(birth_date=None)
    choose(minor, reference="c-1")
    choose(grown_up, reference="c-2")
    Customer.objects.filter(pk=minor.pk).update(birth_date=LEAP_DAY)
    Customer.objects.filter(pk=grown_up.pk).update(birth_date=date(1990, 1, 1))

    found = [find_minors(at=BEFORE + timedelta(days=1)) for _night in range(2)]

    allowed = dict(Permission.objects.values_list("customer", "channel_email"))
    assert found == [2, 0]
    assert allowed == {minor.pk: None, grown_up.pk: True}


def test_a_guardians_year_ends_with_a_question_to_the_person():
    """Bento, of 29 February 2008: his mother allows research until 1 March 2026."""
    bento = make_minor(email="bento@mail.example", language="pt-br")
    choose(bento, by=ActorKind.GUARDIAN)

    the_day_before = datetime(2026, 3, 1, 2, 59, tzinfo=UTC)
    assert expire(at=the_day_before) == 0
    assert expire(at=OF_AGE_AT) == 1
    assert email_allowed() is None

    asked = [ask_those_of_age(at=OF_AGE_AT + timedelta(hours=hours)) for hours in (0, 24)]
    send_opt_ins(at=OF_AGE_AT)

    pending = PendingOptIn.objects.get()
    assert asked == [1, 0]
    assert (pending.customer, pending.categories) == (bento, [Category.PURCHASE])
    assert mail.outbox[0].to == ["bento@mail.example"]
    assert "Você já é maior de idade." in mail.outbox[0].body


def profile_of(client, customer) -> str:
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    return client.get(profile_url(customer.pk)).content.decode()


def test_staff_see_at_once_who_decides_for_a_minor(client):
    ten_years_old = date(date.today().year - 10, 1, 1)  # noqa: DTZ011 -- the page asks the clock

    page = profile_of(client, make_minor(birth_date=ten_years_old))

    assert "Under age: a parent or guardian decides" in page
    assert "guardian decides" not in profile_of(client, make_minor(birth_date=date(1990, 1, 1)))


def test_staff_see_where_an_unknown_age_counts_as_under_age(client):
    PrivacySettings.objects.create(unknown_age_is_minor=True)

    assert "Unknown, counts as under age" in profile_of(client, make_minor(birth_date=None))
