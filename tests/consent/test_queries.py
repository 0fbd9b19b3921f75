from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.enums import Channel, RestrictionReason, SuppressionReason, Verdict
from consent.models import (
    ALWAYS,
    Permission,
    PrivacySettings,
    Purpose,
    Restriction,
    Suppression,
    Wish,
)
from consent.queries.predicate import contactable, with_verdict
from consent.queries.standings import verdicts
from customers.enums import Category
from customers.models import Customer
from customers.operations.profile import contact_hash
from tests.factories import NOW, make_choice, make_customer

CATEGORIES = [Category.CONTACT, Category.PURCHASE, Category.SEARCH]
ADDRESSES = ["", "ana@mail.example", "bia@mail.example"]
PHONES = ["", "+5511987654321", "+5581987654321"]
PURPOSES = ["marketing", "transactional", "research"]
yes_no_or_never = st.sampled_from([None, True, False])


# The shop's day is the second of March 2026.
GROWN, YESTERDAY_A_CHILD, CHILD, NO_YEAR = (
    *(date(1980, 5, 1), date(2008, 3, 2), date(2008, 3, 3)),
    date(1904, 5, 1),
)
MOMENTS = [NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)]


@dataclass(frozen=True)
class Person:
    email: str
    phone: str
    postal_code: str
    erased: bool
    born: date | None
    paused_until: datetime | None
    restricted: "Stop | None"
    # purpose -> column -> answer, and the end; a purpose left out has no row.
    answers: dict[str, dict[str, bool | None]]
    ends: dict[str, datetime]


@dataclass(frozen=True)
class Stop:
    since: datetime
    until: datetime | None
    lifted: bool


@dataclass(frozen=True)
class Block:
    channel: Channel
    address: str
    lifted: bool
    only_for: str | None


columns = [f"channel_{channel.value}" for channel in Channel]
columns += [f"data_{category.value}" for category in CATEGORIES]
stops = st.builds(
    Stop,
    since=st.sampled_from([NOW - timedelta(days=2), NOW + timedelta(hours=1)]),
    until=st.sampled_from([None, *(moment + timedelta(hours=2) for moment in MOMENTS)]),
    lifted=st.booleans(),
)
answers = st.dictionaries(
    st.sampled_from(PURPOSES), st.fixed_dictionaries(dict.fromkeys(columns, yes_no_or_never))
)
people = st.builds(
    Person,
    email=st.sampled_from(ADDRESSES),
    phone=st.sampled_from(PHONES),
    postal_code=st.sampled_from(["", "50030-230"]),
    erased=st.sampled_from([False, False, True]),
    born=st.sampled_from([None, GROWN, GROWN, YESTERDAY_A_CHILD, CHILD, NO_YEAR]),
    paused_until=st.sampled_from([None, None, *MOMENTS]),
    restricted=st.none() | stops.filter(lambda it: it.until is None or it.until > it.since),
    answers=answers,
    ends=st.dictionaries(st.sampled_from(PURPOSES), st.sampled_from(MOMENTS)),
)
blocks = st.builds(
    Block,
    channel=st.sampled_from(Channel),
    address=st.sampled_from(ADDRESSES[1:] + PHONES[1:]),
    lifted=st.booleans(),
    only_for=st.sampled_from([None, *PURPOSES]),
)


def address(person: Person, channel: Channel) -> str:
    match channel:
        case Channel.EMAIL:
            return person.email
        case Channel.SMS | Channel.WHATSAPP:
            return person.phone
        case Channel.POST:
            return person.postal_code
        case Channel.PUSH:
            return "any device"


Blocked = set[tuple[Channel, str, str | None]]


def judge(
    person: Person,
    blocked: Blocked,
    purpose: Purpose,
    channel: Channel,
    using: set[Category],
    *,
    unknown_age_is_minor: bool = False,
) -> Verdict:
    """Say what the predicate should, in plain Python."""
    answer = person.answers.get(purpose.code, {}).get
    may = {True: "yes", False: "no", None: "no" if purpose.needs_opt_in else "yes"}
    where = address(person, channel)
    if person.erased or not where:
        return Verdict.NO_ADDRESS
    if objection := judge_person(person, purpose, unknown_age_is_minor=unknown_age_is_minor):
        return objection
    if {(channel, where, None), (channel, where, purpose.code)} & blocked:
        return Verdict.SUPPRESSED
    if purpose.needs_opt_in and person.paused_until and person.paused_until > NOW:
        return Verdict.PAUSED
    if has_ended(person, purpose):
        return Verdict.PERMISSION_ENDED
    by_channel = answer(f"channel_{channel.value}")
    if may[by_channel] == "no":
        return Verdict.NO_PERMISSION if by_channel is None else Verdict.CHANNEL_REFUSED
    for category in sorted(using):
        by_category = answer(f"data_{category.value}")
        if may[by_category] == "no":
            return Verdict.DATA_NOT_ASKED if by_category is None else Verdict.DATA_REFUSED
    return Verdict.ALLOWED


def judge_person(
    person: Person, purpose: Purpose, *, unknown_age_is_minor: bool = False
) -> Verdict | None:
    stop = person.restricted
    if stop and not stop.lifted and stop.since <= NOW and (not stop.until or stop.until > NOW):
        return Verdict.RESTRICTED
    unknown = person.born in (None, NO_YEAR)
    if purpose.adults_only and (unknown_age_is_minor if unknown else person.born == CHILD):
        return Verdict.UNDER_AGE
    return None


def has_ended(person: Person, purpose: Purpose) -> bool:
    if not purpose.needs_opt_in or purpose.code not in person.answers:
        return False
    return purpose.code in person.ends and person.ends[purpose.code] <= NOW


def settle(person: Person) -> Customer:
    customer = make_customer(
        email=person.email,
        phone=person.phone,
        postal_code=person.postal_code,
        birth_date=person.born,
        erased_at=NOW if person.erased else None,
    )
    Permission.objects.bulk_create(
        Permission(
            customer=customer,
            purpose_id=purpose,
            valid_until=person.ends.get(purpose, ALWAYS),
            **answered,
        )
        for purpose, answered in person.answers.items()
    )
    if person.paused_until:
        Wish.objects.create(customer=customer, paused_until=person.paused_until)
    if stop := person.restricted:
        Restriction.objects.create(
            customer=customer,
            reason=RestrictionReason.DISPUTED,
            since=stop.since,
            until=stop.until,
            lifted_at=NOW if stop.lifted else None,
        )
    return customer


def block(blocks: list[Block]) -> Blocked:
    Suppression.objects.all().delete()
    facts = {
        (each.channel, each.address, each.only_for, NOW if each.lifted else None)
        for each in blocks
    }
    Suppression.objects.bulk_create(
        Suppression(
            channel=channel,
            contact_hash=contact_hash(address),
            purpose_id=only_for,
            reason=SuppressionReason.STOP,
            lifted_at=lifted_at,
            lift_reason="came back" if lifted_at else "",
        )
        for channel, address, only_for, lifted_at in facts
    )
    return {fact[:3] for fact in facts if fact[3] is None}


@pytest.mark.django_db
@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    persons=st.lists(people, min_size=1, max_size=3),
    blocks=st.lists(blocks, max_size=4),
    purpose=st.sampled_from(PURPOSES),
    channel=st.sampled_from(Channel),
    using=st.sets(st.sampled_from(CATEGORIES)),
    strict=st.booleans(),
)
def test_predicate_is_what_plain_python_says(persons, blocks, purpose, channel, using, strict):
    asked_for = Purpose.objects.get(pk=purpose)
    PrivacySettings.objects.update_or_create(defaults={"unknown_age_is_minor": strict})
    blocked = block(blocks)
    settled = {settle(person).pk: person for person in persons}
    expected = {
        pk: judge(person, blocked, asked_for, channel, using, unknown_age_is_minor=strict)
        for pk, person in settled.items()
    }
    customers = Customer.objects.filter(pk__in=settled)
    question = {"purpose": asked_for, "channel": channel, "using": using, "at": NOW}

    judged = {row.pk: getattr(row, "verdict") for row in with_verdict(customers, **question)}  # noqa: B009
    allowed = set(contactable(customers, **question).values_list("pk", flat=True))

    assert judged == expected
    assert allowed == {pk for pk, verdict in expected.items() if verdict == Verdict.ALLOWED}


@pytest.mark.django_db
@settings(derandomize=True, deadline=None, max_examples=25)
@given(person=people.filter(lambda person: not person.erased), blocks=st.lists(blocks, max_size=3))
def test_verdicts_of_one_person_are_those_of_the_predicate(person, blocks):
    standing = block(blocks)
    customer = settle(person)

    found = {row.purpose.code: row for row in verdicts(customer, at=NOW)}

    for code in PURPOSES:
        purpose = Purpose.objects.get(pk=code)
        for channel in Channel:
            assert found[code].channels[channel] == judge(
                person, standing, purpose, channel, set()
            )
        for category in CATEGORIES:
            answer = person.answers.get(code, {}).get(f"data_{category.value}")
            never = Verdict.DATA_NOT_ASKED if purpose.needs_opt_in else Verdict.ALLOWED
            expected = {True: Verdict.ALLOWED, False: Verdict.DATA_REFUSED, None: never}[answer]
            if has_ended(person, purpose):
                expected = Verdict.PERMISSION_ENDED
            assert found[code].categories[category] == (judge_person(person, purpose) or expected)


@pytest.mark.django_db
def test_predicate_is_one_query_for_one_and_for_many(django_assert_num_queries):
    purpose = Purpose.objects.get(pk="marketing")
    for _ in range(20):
        make_choice(make_customer(), channels=[Channel.EMAIL], categories=list(Category))

    with django_assert_num_queries(1):
        allowed = contactable(
            Customer.objects.all(),
            purpose=purpose,
            channel=Channel.EMAIL,
            using=set(Category),
            at=NOW,
        )
        assert len(allowed) == 20
