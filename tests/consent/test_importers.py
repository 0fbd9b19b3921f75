from datetime import UTC, datetime, timedelta

import pytest

from consent.enums import Act, Channel
from consent.models import ConsentEvent, Permission, Purpose
from consent.queries.predicate import contactable
from customers.enums import Category
from customers.models import Customer
from customers.operations.sealing import unseal_for
from tests.customers.imports.files import brought_in, counts, reasons
from tests.factories import NOW, make_choice, make_customer
from tests.found import the

pytestmark = pytest.mark.django_db

HEADER = "external_id,purpose,channel,category,kind,occurred_at,source\n"


def reachable():
    marketing = Purpose.objects.get(code="marketing")
    found = contactable(
        Customer.objects.all(), purpose=marketing, channel=Channel.EMAIL, using=set(), at=NOW
    )
    return sorted(customer.external_id for customer in found)


def test_a_proven_yes_permits_and_a_claim_permits_nothing():
    for name in ("C1", "C2", "C3", "C4"):
        make_customer(external_id=name)

    job = brought_in(
        "consents",
        HEADER + "C1,marketing,email,,given,2025-01-01 10:00,web_form\n"
        "C2,marketing,email,,given,2025-01-01 10:00,\n"
        "C3,marketing,email,,sim,,till\n"
        "C4,marketing,email,,given,2025-01-01,web_form\n"
        "C4,marketing,email,,withdrawn,2025-02-01,\n",
    )

    assert counts(job) == {"created": 5, "updated": 0, "unchanged": 0, "rejected": 0}
    assert reachable() == ["C1"]
    acts = ConsentEvent.objects.order_by("customer__external_id", "pk")
    assert list(acts.values_list("customer__external_id", "act", "collection_point")) == [
        ("C1", Act.GIVEN, "web_form"),
        ("C2", Act.IMPORTED_UNPROVEN, "import"),
        ("C3", Act.IMPORTED_UNPROVEN, "till"),
        ("C4", Act.GIVEN, "web_form"),
        # A "no" needs no proof.
        ("C4", Act.WITHDRAWN, "import"),
    ]
    given = acts[0]
    assert (given.occurred_at, given.recorded_at, given.basis) == (
        datetime(2025, 1, 1, 13, tzinfo=UTC),
        NOW,
        "consent",
    )


def test_the_same_choices_again_write_nothing():
    make_customer(external_id="C1")
    content = HEADER + (
        "C1,marketing,email,,given,2025-01-01,web_form\n"
        "C1,marketing,,purchase,given,2025-01-01,web_form\n"
        "C1,marketing,,purchase,sim,,\n"
    )
    brought_in("consents", content)
    before = list(Permission.objects.values())

    again = brought_in("consents", content)

    assert counts(again) == {"created": 0, "updated": 0, "unchanged": 3, "rejected": 0}
    assert list(Permission.objects.values()) == before


def test_an_old_yes_does_not_undo_a_later_no():
    ana = make_customer(external_id="C1")
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL])

    brought_in("consents", HEADER + "C1,marketing,email,,given,2025-01-01,web_form\n")

    assert reachable() == []


def test_a_choice_is_about_one_channel_or_one_kind_of_data_and_a_known_purpose():
    make_customer(external_id="C1")

    job = brought_in(
        "consents",
        HEADER + f"C1,marketing,email,{Category.PURCHASE},given,2025-01-01,till\n"
        "C1,marketing,,,given,2025-01-01,till\n"
        "C1,world_domination,email,,given,2025-01-01,till\n"
        "C1,marketing,email,,perhaps,2025-01-01,till\n"
        "C9,marketing,email,,given,2025-01-01,till\n",
    )

    assert counts(job)["rejected"] == 5
    assert [(line, reason) for line, _column, _value, reason in reasons(job)] == [
        (2, "one_scope"),
        (3, "one_scope"),
        (4, "unknown_purpose"),
        (5, "not_choice"),
        (6, "unknown_customer"),
    ]


def test_a_choice_of_tomorrow_is_rejected_and_one_of_today_comes_in():
    make_customer(external_id="C1")

    job = brought_in(
        "consents",
        HEADER + "C1,marketing,email,,withdrawn,2026-03-02 08:00,till\n"
        "C1,marketing,sms,,withdrawn,2026-03-03 08:00,till\n",
    )

    assert counts(job)["created"] == 1
    assert [(line, column, reason) for line, column, _value, reason in reasons(job)] == [
        (3, "occurred_at", "in_future")
    ]


PROVEN = "external_id,purpose,channel,kind,occurred_at,source,notice,notice_version,evidence\n"


def test_a_file_names_the_words_and_brings_evidence_which_is_sealed():
    ana = make_customer(external_id="C1", language="en")

    brought_in(
        "consents",
        PROVEN + "C1,marketing,email,given,2025-01-01,Caixa,standard,1,Form 7\n"
        "C1,marketing,sms,given,2025-01-01,till,,,\n",
    )

    first, second = ConsentEvent.objects.order_by("pk")
    assert (the(first.notice_text).version.number, the(first.notice_text).language) == (1, "en")
    assert (first.collection_point_id, first.collection_version) == ("till", None)
    assert unseal_for(ana, bytes(the(first.evidence_sealed))) == "Form 7"
    assert (second.notice_text, second.evidence_sealed) == (None, None)
    assert first.valid_until == first.occurred_at + timedelta(days=730)


def test_words_that_were_never_published_about_the_purpose_are_rejected():
    make_customer(external_id="C1")

    job = brought_in(
        "consents",
        PROVEN + "C1,marketing,email,given,2025-01-01,till,standard,2,\n"
        "C1,third_party_sharing,email,given,2025-01-01,till,standard,1,\n"
        "C1,marketing,sms,given,2025-01-01,till,standard,,\n"
        "C1,marketing,push,given,2025-01-01,till,standard,1,\n",
    )

    assert counts(job)["created"] == 1
    assert [(line, reason) for line, _column, _value, reason in reasons(job)] == [
        (line, "unknown_notice") for line in (2, 3, 4)
    ]
