from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.enums import Channel, SuppressionReason, Verdict
from consent.models import Permission, Purpose, Suppression
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


@dataclass(frozen=True)
class Person:
    email: str
    phone: str
    postal_code: str
    erased: bool
    # purpose -> column -> answer; a purpose left out has no row.
    answers: dict[str, dict[str, bool | None]]


@dataclass(frozen=True)
class Block:
    channel: Channel
    address: str
    lifted: bool


columns = [f"channel_{channel.value}" for channel in Channel]
columns += [f"data_{category.value}" for category in CATEGORIES]
answers = st.dictionaries(
    st.sampled_from(PURPOSES), st.fixed_dictionaries(dict.fromkeys(columns, yes_no_or_never))
)
people = st.builds(
    Person,
    email=st.sampled_from(ADDRESSES),
    phone=st.sampled_from(PHONES),
    postal_code=st.sampled_from(["", "50030-230"]),
    erased=st.sampled_from([False, False, True]),
    answers=answers,
)
blocks = st.builds(
    Block,
    channel=st.sampled_from(Channel),
    address=st.sampled_from(ADDRESSES[1:] + PHONES[1:]),
    lifted=st.booleans(),
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


def judge(
    person: Person,
    standing_blocks: set[tuple[Channel, str]],
    purpose: Purpose,
    channel: Channel,
    using: set[Category],
) -> Verdict:
    """Say what the predicate should, in plain Python."""
    answer = person.answers.get(purpose.code, {}).get
    may = {True: "yes", False: "no", None: "no" if purpose.needs_opt_in else "yes"}
    if person.erased or not address(person, channel):
        return Verdict.NO_ADDRESS
    if (channel, address(person, channel)) in standing_blocks:
        return Verdict.SUPPRESSED
    by_channel = answer(f"channel_{channel.value}")
    if may[by_channel] == "no":
        return Verdict.NO_PERMISSION if by_channel is None else Verdict.CHANNEL_REFUSED
    for category in sorted(using):
        by_category = answer(f"data_{category.value}")
        if may[by_category] == "no":
            return Verdict.DATA_NOT_ASKED if by_category is None else Verdict.DATA_REFUSED
    return Verdict.ALLOWED


def settle(person: Person) -> Customer:
    customer = make_customer(
        email=person.email,
        phone=person.phone,
        postal_code=person.postal_code,
        erased_at=NOW if person.erased else None,
    )
    Permission.objects.bulk_create(
        Permission(customer=customer, purpose_id=purpose, **answered)
        for purpose, answered in person.answers.items()
    )
    return customer


def block(blocks: list[Block]) -> set[tuple[Channel, str]]:
    Suppression.objects.all().delete()
    standing = {(each.channel, each.address) for each in blocks if not each.lifted}
    Suppression.objects.bulk_create(
        Suppression(
            channel=channel,
            contact_hash=contact_hash(address),
            reason=SuppressionReason.STOP,
            lifted_at=lifted_at,
        )
        for channel, address, lifted_at in {
            *((*each, None) for each in standing),
            *((each.channel, each.address, NOW) for each in blocks if each.lifted),
        }
    )
    return standing


@pytest.mark.django_db
@settings(derandomize=True, deadline=None, max_examples=120)
@given(
    persons=st.lists(people, min_size=1, max_size=3),
    blocks=st.lists(blocks, max_size=4),
    purpose=st.sampled_from(PURPOSES),
    channel=st.sampled_from(Channel),
    using=st.sets(st.sampled_from(CATEGORIES)),
)
def test_predicate_is_what_plain_python_says(persons, blocks, purpose, channel, using):
    asked_for = Purpose.objects.get(pk=purpose)
    standing = block(blocks)
    settled = {settle(person).pk: person for person in persons}
    expected = {
        pk: judge(person, standing, asked_for, channel, using) for pk, person in settled.items()
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
            assert found[code].categories[category] == expected


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
