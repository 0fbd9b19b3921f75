"""The time machine: what could be done with a person at a moment, and on which words."""

from datetime import timedelta

import pytest
from django.urls import reverse

from common.enums import Role, Scope
from common.models import AuditEntry
from consent.enums import (
    Act,
    Channel,
    LegalBasis,
    RestrictionReason,
    SuppressionReason,
    Verdict,
)
from consent.models import ConsentEvent, Purpose, Restriction, Suppression
from consent.operations.suppressions import suppress
from consent.operations.wishes import wish
from consent.queries.past import past, restrictions
from consent.queries.standings import verdicts
from customers.enums import Category
from tests.api import api_client
from tests.factories import NOW, allow, make_choice, make_customer, make_notice_version, make_user
from tests.found import the

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def then(customer, thing, *, at, purpose="marketing"):
    (found,) = [row for row in past(customer, at=at) if row.purpose.pk == purpose]
    (judged,) = [it for it in (*found.channels, *found.categories) if it.thing == thing]
    return judged


def choose(customer, act, *, at, **facts):
    (event,) = make_choice(
        customer, act=act, channels=[Channel.EMAIL], occurred_at=at, at=at, **facts
    )
    return event


def test_each_moment_has_the_answer_that_stood_then():
    ana = make_customer()
    yes = choose(ana, Act.GIVEN, at=NOW)
    no = choose(ana, Act.WITHDRAWN, at=NOW + 2 * DAY)

    answers = [then(ana, Channel.EMAIL, at=NOW + days * DAY) for days in (-1, 0, 1, 2, 3)]

    assert [(it.verdict, it.decided_by) for it in answers] == [
        (Verdict.NO_PERMISSION, None),
        (Verdict.ALLOWED, yes),
        (Verdict.ALLOWED, yes),
        (Verdict.CHANNEL_REFUSED, no),
        (Verdict.CHANNEL_REFUSED, no),
    ]


def test_what_we_heard_late_did_not_count_before():
    ana = make_customer()
    make_choice(ana, channels=[Channel.EMAIL], occurred_at=NOW, at=NOW + DAY)

    assert then(ana, Channel.EMAIL, at=NOW).verdict == Verdict.NO_PERMISSION
    assert then(ana, Channel.EMAIL, at=NOW + DAY).may


def test_a_permission_ends_on_its_day():
    ana = make_customer()
    Purpose.objects.filter(pk="marketing").update(valid_days=10)
    choose(ana, Act.GIVEN, at=NOW)

    last, over = (then(ana, Channel.EMAIL, at=NOW + days * DAY) for days in (9, 10))

    assert (last.may, last.until) == (True, NOW + 10 * DAY)
    assert over.verdict == Verdict.NO_PERMISSION


def test_the_text_that_was_shown_then_is_told():
    ana = make_customer()
    first = choose(ana, Act.GIVEN, at=NOW)
    make_notice_version(body="New words.", published_at=NOW + DAY)
    second = choose(ana, Act.GIVEN, at=NOW + 2 * DAY)

    assert first.notice_text != second.notice_text
    assert then(ana, Channel.EMAIL, at=NOW + DAY).decided_by.notice_text == first.notice_text


def test_a_blocked_address_could_not_be_written_to_while_it_was_blocked():
    ana = allow(make_customer(email="ana@mail.example"))
    block = suppress(
        "ana@mail.example", channel=Channel.EMAIL, reason=SuppressionReason.STOP, at=NOW + DAY
    )
    Suppression.objects.filter(pk=the(block).pk).update(
        lifted_at=NOW + 3 * DAY, lift_reason="They asked."
    )

    answers = [then(ana, Channel.EMAIL, at=NOW + days * DAY).verdict for days in (0, 1, 3)]

    assert answers == [Verdict.ALLOWED, Verdict.SUPPRESSED, Verdict.ALLOWED]


def test_data_that_stood_still_are_told_for_as_long_as_they_did():
    ana = make_customer()
    held = Restriction.objects.create(
        customer=ana,
        reason=RestrictionReason.values[0],
        since=NOW,
        until=NOW + 5 * DAY,
        lifted_at=NOW + 2 * DAY,
    )

    found = [restrictions(ana, at=NOW + days * DAY) for days in (-1, 0, 1, 2)]

    assert found == [[], [held], [held], []]


def test_while_data_stood_still_they_could_be_used_for_nothing_but_what_the_law_demands():
    ana = allow(make_customer())
    Restriction.objects.create(
        customer=ana, reason=RestrictionReason.LEGAL, since=NOW, lifted_at=NOW + 2 * DAY
    )
    Purpose.objects.filter(pk="transactional").update(basis=LegalBasis.LEGAL_OBLIGATION)

    mail = [then(ana, Channel.EMAIL, at=NOW + days * DAY).verdict for days in (1, 2)]

    assert mail == [Verdict.RESTRICTED, Verdict.ALLOWED]
    assert then(ana, Category.PURCHASE, at=NOW).verdict == Verdict.RESTRICTED
    assert then(ana, Channel.EMAIL, at=NOW, purpose="transactional").may


def test_a_refusal_is_told_even_while_data_stand_still():
    ana = make_customer()
    choose(ana, Act.REFUSED, at=NOW)
    Restriction.objects.create(customer=ana, reason=RestrictionReason.LEGAL, since=NOW)

    (marketing,) = [row for row in past(ana, at=NOW) if row.purpose.pk == "marketing"]

    assert [it.thing for it in marketing.denied] == [Channel.EMAIL]


def test_whoever_is_of_age_today_was_a_minor_until_their_birthday():
    ana = allow(make_customer())
    ana.birth_date = (NOW + DAY).date().replace(year=NOW.year - 18)
    ana.save()

    answers = [then(ana, Channel.EMAIL, at=NOW + days * DAY).verdict for days in (0, 1)]

    assert answers == [Verdict.UNDER_AGE, Verdict.ALLOWED]
    assert then(ana, Channel.EMAIL, at=NOW, purpose="transactional").may


def test_pauses_of_the_past_are_known_when_they_were_changed_since():
    ana = allow(make_customer())
    wish(ana, at=NOW, paused_until=NOW + 9 * DAY)
    wish(ana, at=NOW + 2 * DAY, paused_until=None)
    wish(ana, at=NOW + 4 * DAY, paused_until=NOW + 6 * DAY)

    answers = [then(ana, Channel.EMAIL, at=NOW + days * DAY).may for days in range(-1, 8)]

    assert answers == [False, False, False, True, True, False, False, True, True]
    assert then(ana, Category.PURCHASE, at=NOW).may
    assert then(ana, Channel.EMAIL, at=NOW, purpose="transactional").may


def test_silence_forbids_only_what_needs_an_opt_in():
    ana = make_customer()

    assert then(ana, Category.PURCHASE, at=NOW).verdict == Verdict.DATA_NOT_ASKED
    assert then(ana, Category.PURCHASE, at=NOW, purpose="transactional").may


def restrict(customer):
    Restriction.objects.create(customer=customer, reason=RestrictionReason.LEGAL, since=NOW)


def make_young(customer):
    customer.birth_date = NOW.date().replace(year=NOW.year - 17)
    customer.save()


def pause(customer):
    wish(customer, at=NOW, paused_until=NOW + DAY)


@pytest.mark.parametrize(
    "changes", [[], [restrict], [make_young], [pause], [restrict, make_young, pause]]
)
def test_now_the_time_machine_says_what_the_predicate_says(changes):
    ana = make_customer(email="ana@mail.example", phone="+5511988887777", postal_code="01000-000")
    choose(ana, Act.GIVEN, at=NOW)
    make_choice(ana, act=Act.REFUSED, channels=[Channel.SMS], categories=[Category.SEARCH])
    make_choice(ana, categories=[Category.PURCHASE], purpose="profiling")
    for change in changes:
        change(ana)

    told = {
        (row.purpose.pk, it.thing): it.verdict
        for row in past(ana, at=NOW)
        for it in (*row.channels, *row.categories)
    }

    judged = {
        (row.purpose.pk, thing): verdict
        for row in verdicts(ana, at=NOW)
        for thing, verdict in (*row.channels.items(), *row.categories.items())
    }
    assert told == judged


def test_the_past_is_read_in_a_few_queries(django_assert_num_queries):
    ana = make_customer()
    for days in range(10):
        choose(ana, Act.GIVEN if days % 2 else Act.WITHDRAWN, at=NOW + days * DAY)

    with django_assert_num_queries(7):
        past(ana, at=NOW + 20 * DAY)


def test_the_page_goes_back_to_the_day_that_is_asked(client):
    ana = make_customer()
    choose(ana, Act.GIVEN, at=NOW)
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    url = reverse("admin:consent_then", args=[ana.pk])

    before = client.get(url, {"at": "2026-03-01T10:00"})
    after = client.get(url, {"at": "2026-03-03T10:00"})

    assert "Never asked, so not allowed" in before.content.decode()
    marketing = next(row for row in after.context["past"] if row.purpose.pk == "marketing")
    assert marketing.allowed[0].thing == Channel.EMAIL
    assert the(ConsentEvent.objects.get().notice_text).body[:30] in after.content.decode()


def test_the_page_refuses_what_is_no_day(client):
    ana = make_customer()
    client.force_login(make_user(role=Role.SUPPORT_AGENT))

    page = client.get(reverse("admin:consent_then", args=[ana.pk]), {"at": "yesterday"})

    assert "Enter a valid date/time" in page.content.decode()


def test_programs_ask_for_a_moment():
    ana = make_customer(external_id="ana")
    choose(ana, Act.GIVEN, at=NOW)
    choose(ana, Act.WITHDRAWN, at=NOW + 2 * DAY)
    client = api_client(Scope.READ_CUSTOMERS)

    answer = client.get("/api/v1/customers/ana/permissions?at=2026-03-03T12:00:00Z")

    (marketing,) = [row for row in answer.json() if row["purpose"] == "marketing"]
    email = marketing["channels"]["email"]
    assert (email["allowed"], email["verdict"]) == (True, "allowed")
    assert email["decided_by"]["act"] == "given"
    assert email["decided_by"]["collection_point"] == "web_form"
    assert len(email["decided_by"]["text_sha256"]) == 64
    assert marketing["channels"]["sms"]["decided_by"] is None


def test_programs_are_told_that_data_stood_still():
    ana = allow(make_customer(external_id="ana"))
    Restriction.objects.create(
        customer=ana, reason=RestrictionReason.LEGAL, since=NOW, lifted_at=NOW + 2 * DAY
    )

    answer = api_client(Scope.READ_CUSTOMERS).get(
        "/api/v1/customers/ana/permissions?at=2026-03-02T12:00:00Z"
    )

    (marketing,) = [row for row in answer.json() if row["purpose"] == "marketing"]
    email = marketing["channels"]["email"]
    assert (email["allowed"], email["verdict"]) == (False, "restricted")


def test_programs_are_told_what_is_no_moment():
    make_customer(external_id="ana")

    answer = api_client(Scope.READ_CUSTOMERS).get("/api/v1/customers/ana/permissions?at=yesterday")

    assert answer.status_code == 422
    assert answer.json()["field"] == "at"


def test_the_proof_tells_all_on_one_page_and_masks_who_it_is(client):
    ana = make_customer(first_name="Ana", last_name="Prado", email="ana@mail.example")
    event = choose(ana, Act.GIVEN, at=NOW)
    officer = make_user(role=Role.PRIVACY_OFFICER, username="paulo")
    client.force_login(officer)
    url = reverse("admin:consent_proof", args=[ana.pk])

    masked, full = (client.get(url, facts).content.decode() for facts in ({}, {"full": ""}))

    assert "Prado" not in masked
    assert "a…@mail.example" in masked
    assert "ana@mail.example" in full
    assert bytes(event.notice_text.body_sha256).hex() in masked
    assert "Verified: nothing was changed" in masked
    assert "paulo" in masked
    entries = AuditEntry.objects.filter(action="consent.proved").order_by("id")
    assert [entry.fields for entry in entries] == [[], ["email", "name", "phone"]]


def test_the_proof_of_somebody_who_never_chose_says_so(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    page = client.get(reverse("admin:consent_proof", args=[make_customer().pk]))

    assert "This person never chose anything" in page.content.decode()
