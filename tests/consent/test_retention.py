"""What was kept long enough goes at night: what, how much, and nothing younger."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils.timezone import now

from campaigns.models import Click, TrackedLink
from common.enums import Role
from consent.enums import (
    Act,
    ActorKind,
    Channel,
    RequestDoor,
    RequestKind,
    RestrictionReason,
)
from consent.models import (
    ConsentEvent,
    Permission,
    PrivacySettings,
    Purpose,
    Restriction,
    RetentionRun,
    SubjectRequest,
)
from consent.operations.endings import expire
from consent.operations.retention import begin_retention, go_on_retention
from consent.operations.subject_requests import ask
from consent.operations.wishes import wish
from consent.queries.proofs import chain_holds
from consent.queries.retention import coming, next_night
from customers.enums import ContactChannel
from customers.models import Cart, Case, Customer, CustomerMetrics, Event, Note, Order
from customers.operations.timeline import record_event
from customers.operations.touches import keep_touches
from customers.rules import Position, Span
from loyalty.queries import faults
from tests.factories import (
    NOW,
    allow,
    make_choice,
    make_customer,
    make_launched,
    make_order,
    make_user,
    make_voucher,
)
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db

ALL = Span(Position(), Position(32_000, 2**62, 2**62))

# What NOW looks back on: 24 months, at the start of a day in São Paulo.
LIMIT = datetime.fromisoformat("2024-03-02T00:00:00-03:00")
OLD = LIMIT - timedelta(seconds=1)
FIVE_YEARS_AGO = datetime.fromisoformat("2021-03-01T12:00:00-03:00")


@pytest.fixture(autouse=True)
def kept():
    return PrivacySettings.objects.create(
        events_months=24, messages_months=24, cases_months=60, inactive_customers_months=60
    )


def see(customer, *, at, page="/shoes"):
    record_event(
        customer,
        kind="customers.page_viewed",
        at=at,
        reference=f"view:{customer.pk}:{at}",
        data={"page": page},
    )


def make_case(customer, **facts):
    defaults = {
        "reference": f"case-{Case.objects.count()}",
        "channel": ContactChannel.EMAIL,
        "subject": "Broken cup",
        "text": "It came in two halves.",
        "status": "resolved",
        "opened_at": FIVE_YEARS_AGO,
        "resolved_at": FIVE_YEARS_AGO,
        "resolution": "Sent another",
    }
    return Case.objects.create(customer=customer, **{**defaults, **facts})


def night(at=NOW):
    """Work as the tasks do, until the night's run is over; return what it ended, by part."""
    run = begin_retention(at=at)
    while go_on_retention(at=at):
        pass
    return {line.part: line.count for line in run.lines.all()}


def foreseen(at=NOW):
    return {it.part.code: it.count for it in coming(at=at) if it.term}


def test_watched_behaviour_loses_its_details_on_the_day_the_months_are_over():
    ana = make_customer()
    see(ana, at=OLD)
    see(ana, at=LIMIT)

    ended = night()

    details = Event.objects.filter(kind="customers.page_viewed").order_by("occurred_at")
    assert ended["watched"] == 1
    assert [event.data for event in details] == [{}, {"page": "/shoes"}]


def test_purchases_in_the_timeline_keep_their_details():
    order = make_order(make_customer(), ordered_at=FIVE_YEARS_AGO)

    night()

    (placed,) = Event.objects.filter(kind="customers.order_placed")
    assert placed.data["order"] == order.external_id


def test_the_preview_says_what_the_run_then_does():
    ana = make_customer()
    for days in range(1, 4):
        see(ana, at=OLD - timedelta(days=days))
    make_case(ana)
    make_case(ana, resolved_at=NOW)
    make_customer(registered_at=FIVE_YEARS_AGO)

    before = foreseen()

    assert {part: count for part, count in before.items() if count} == {
        "watched": 3,
        "cases": 1,
        "inactive": 1,
    }
    assert night() == before


def test_a_second_night_ends_nothing_twice_and_finds_what_came_in_late():
    ana = make_customer()
    see(ana, at=OLD)
    night()
    tomorrow = NOW + timedelta(days=1)

    see(ana, at=OLD - timedelta(days=30))

    assert foreseen(tomorrow)["watched"] == 1
    assert night(tomorrow)["watched"] == 1
    assert night(tomorrow + timedelta(days=1))["watched"] == 0


def test_months_cut_short_reach_what_earlier_nights_left(kept):
    ana = make_customer()
    see(ana, at=NOW - timedelta(days=100))
    night()
    kept.events_months = 3
    kept.save()

    assert night(NOW + timedelta(days=1))["watched"] == 1


def test_what_is_kept_for_ever_has_no_line(kept):
    kept.cases_months = None
    kept.save()
    make_case(make_customer())

    ended = night()

    assert "cases" not in ended
    assert Case.objects.get().text == "It came in two halves."


def test_resolved_cases_lose_their_words_and_open_ones_none():
    ana = make_customer()
    make_case(ana)
    waiting = make_case(ana, status="open", resolved_at=None)

    night()

    told = Case.objects.order_by("pk").values_list("subject", "text", "resolution")
    assert list(told) == [
        ("", "", ""),
        (waiting.subject, waiting.text, waiting.resolution),
    ]


def test_pinned_notes_stay():
    ana, agent = make_customer(), make_user()
    for number, pinned in enumerate((True, False)):
        Note.objects.create(
            customer=ana,
            text="Prefers mornings",
            author=agent,
            is_pinned=pinned,
            written_at=FIVE_YEARS_AGO,
            reference=f"note-{number}",
        )

    night()

    assert [note.is_pinned for note in Note.objects.all()] == [True]


def test_old_clicks_are_counted_on_without_a_name():
    campaign = make_launched(allow(make_customer()))
    link = TrackedLink.objects.create(campaign=campaign, url="https://shop.example/")
    for clicked_at in (OLD, LIMIT):
        Click.objects.create(link=link, message=campaign.messages.get(), clicked_at=clicked_at)

    assert night()["clicks"] == 1

    named = Click.objects.exclude(message=None)
    assert Click.objects.count() == 2
    assert [click.clicked_at for click in named] == [LIMIT]


def test_whoever_did_nothing_for_years_is_erased():
    gone = make_customer(registered_at=FIVE_YEARS_AGO)
    recent = make_customer(registered_at=LIMIT)

    night()

    erased = Customer.objects.exclude(erased_at=None)
    assert list(erased.values_list("pk", flat=True)) == [gone.pk]
    assert recent.pk not in erased.values_list("pk", flat=True)


def test_an_order_a_visit_points_a_voucher_or_an_open_case_keep_somebody():
    ordered, seen, member, holder, complained = (
        make_customer(registered_at=FIVE_YEARS_AGO) for _ in range(5)
    )
    make_order(ordered, ordered_at=NOW - timedelta(days=300))
    see(seen, at=LIMIT)
    keep_touches(ALL)
    make_member(customer=member, balance=10)
    make_voucher(customer=holder)
    make_case(complained, status="open", resolved_at=None)

    assert foreseen()["inactive"] == 0


def old_customer(**facts):
    return make_customer(registered_at=FIVE_YEARS_AGO, **facts)


def test_whoever_asked_something_stays_until_long_after_the_answer():
    waiting, answered = old_customer(), old_customer()
    request = ask(waiting, RequestKind.ACCESS, door=RequestDoor.PHONE, at=FIVE_YEARS_AGO)
    other = ask(answered, RequestKind.ACCESS, door=RequestDoor.PHONE, at=FIVE_YEARS_AGO)
    SubjectRequest.objects.filter(pk=other.pk).update(stage="done", closed_at=FIVE_YEARS_AGO)

    assert request.is_open
    assert foreseen()["inactive"] == 1
    night()
    waiting.refresh_from_db()
    assert waiting.erased_at is None


def test_whose_data_stand_still_is_not_erased_and_whose_were_freed_long_ago_is():
    held, freed = old_customer(), old_customer()
    for person in (held, freed):
        Restriction.objects.create(
            customer=person, reason=RestrictionReason.DISPUTED, since=FIVE_YEARS_AGO
        )
    freed.restrictions.update(lifted_at=FIVE_YEARS_AGO + timedelta(hours=1))

    night()

    erased = Customer.objects.exclude(erased_at=None)
    assert list(erased.values_list("pk", flat=True)) == [freed.pk]


def test_a_choice_a_wish_a_cart_or_a_link_followed_is_a_word_of_theirs_and_an_end_is_none():
    chose, wished, filled, clicked, ended = (old_customer() for _ in range(5))
    make_choice(chose, channels=[Channel.EMAIL])
    make_choice(ended, channels=[Channel.EMAIL], occurred_at=FIVE_YEARS_AGO, at=FIVE_YEARS_AGO)
    expire(at=NOW)
    wish(wished, at=NOW, at_most_every_days=7)
    Cart.objects.create(external_id="c-1", customer=filled, total=1, changed_at=NOW)
    CustomerMetrics.objects.update_or_create(customer=clicked, defaults={"last_click_at": NOW})

    night()

    erased = Customer.objects.exclude(erased_at=None)
    assert list(erased.values_list("pk", flat=True)) == [ended.pk]


def test_the_ledger_and_the_orders_are_whole_afterwards():
    buyer = make_customer(registered_at=FIVE_YEARS_AGO)
    make_order(buyer, ordered_at=FIVE_YEARS_AGO)
    spent = sum(Order.objects.values_list("total", flat=True))

    night()

    assert sum(Order.objects.values_list("total", flat=True)) == spent
    assert list(faults()) == []


def test_a_run_a_day_however_often_it_is_begun():
    assert begin_retention(at=NOW) == begin_retention(at=NOW + timedelta(hours=1))

    assert next_night(NOW) == NOW + timedelta(days=1)
    assert RetentionRun.objects.count() == 1


def test_the_officer_reads_what_comes_and_what_was(client):
    ana = make_customer()
    see(ana, at=OLD)
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    night()
    run = RetentionRun.objects.get()
    page = client.get(reverse("admin:consent_retentionrun_change", args=[run.pk]))
    tonight = client.get(reverse("admin:consent_retentionrun_tonight"))

    assert "Details of pages, searches, places and visits" in page.content.decode()
    assert "Words of resolved cases" in tonight.content.decode()
    assert "Orders" in tonight.content.decode()


def with_evidence(customer, *, act=Act.GIVEN, at=FIVE_YEARS_AGO, channel=Channel.EMAIL):
    (choice,) = make_choice(
        customer,
        act=act,
        channels=[channel],
        occurred_at=at,
        at=at,
        actor_kind=ActorKind.STAFF,
        evidence="Recording 17",
    )
    return choice


def evidence():
    kept = ConsentEvent.objects.exclude(evidence_sealed=None).order_by("pk")
    return [bool(choice.evidence_sealed) for choice in kept]


def test_what_proves_a_choice_is_destroyed_so_long_after_it_ended_and_the_chain_holds(kept):
    ana, bruno, carla = make_customer(), make_customer(), make_customer()
    for person in (ana, bruno, carla):
        with_evidence(person, at=FIVE_YEARS_AGO - timedelta(days=30))
    with_evidence(ana, act=Act.WITHDRAWN, at=FIVE_YEARS_AGO - timedelta(days=1))
    with_evidence(bruno, act=Act.WITHDRAWN, at=NOW)

    assert foreseen()["evidence"] == 2
    assert night()["evidence"] == 2

    assert evidence() == [False, True, True, False, True]
    assert all(chain_holds(person) for person in (ana, bruno, carla))
    assert night(NOW + timedelta(days=1))["evidence"] == 0


def test_nothing_is_destroyed_of_whose_data_stand_still_or_who_asks_for_them():
    held, asking = make_customer(), make_customer()
    for person in (held, asking):
        with_evidence(person, act=Act.REFUSED, at=FIVE_YEARS_AGO - timedelta(days=1))
    Restriction.objects.create(customer=held, reason=RestrictionReason.LEGAL, since=NOW)
    ask(asking, RequestKind.ACCESS, door=RequestDoor.PHONE, at=NOW)

    assert night()["evidence"] == 0


def test_evidence_is_emptied_and_never_changed():
    choice = with_evidence(make_customer())

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ConsentEvent.objects.filter(pk=choice.pk).update(evidence_sealed=b"other")

    assert chain_holds(choice.customer)


def test_evidence_that_was_exchanged_breaks_the_chain():
    choice = with_evidence(make_customer())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        ConsentEvent.objects.filter(pk=choice.pk).update(evidence_sealed=b"other")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")

    assert not chain_holds(choice.customer)


@pytest.fixture
def without_end():
    Purpose.objects.update(valid_days=None)


def permitted(customer, purpose="marketing"):
    return Permission.objects.get(customer=customer, purpose=purpose).channel_email


@pytest.mark.usefixtures("without_end")
def test_a_permission_that_nobody_used_ends_as_an_end_and_not_as_a_no():
    ana = make_customer()
    for purpose, at in (("marketing", OLD), ("research", LIMIT)):
        make_choice(ana, purpose=purpose, channels=[Channel.EMAIL], occurred_at=at, at=at)

    assert foreseen()["unused"] == 1
    assert night()["unused"] == 1

    assert (permitted(ana), permitted(ana, "research")) == (None, True)
    ended = ConsentEvent.objects.get(act=Act.EXPIRED)
    assert (ended.purpose_id, ended.actor_kind, ended.occurred_at) == ("marketing", "system", NOW)
    # The other is a day too old as well by then, and the first is not ended again.
    assert night(NOW + timedelta(days=1))["unused"] == 1


@pytest.mark.usefixtures("without_end")
def test_a_message_a_visit_or_a_link_followed_is_a_use():
    written_to, seen, clicked, forgotten = (make_customer() for _ in range(4))
    for person in (written_to, seen, clicked, forgotten):
        make_choice(person, channels=[Channel.EMAIL], occurred_at=OLD, at=OLD)
    make_launched(written_to).messages.update(sent_at=LIMIT)
    CustomerMetrics.objects.update_or_create(customer=seen, defaults={"last_order_at": LIMIT})
    CustomerMetrics.objects.update_or_create(customer=clicked, defaults={"last_click_at": LIMIT})

    night()

    people = (written_to, seen, clicked, forgotten)
    assert [permitted(person) for person in people] == [True, True, True, None]


@pytest.mark.usefixtures("without_end")
def test_what_will_end_unused_is_listed_a_month_before(client):
    ana = make_customer(first_name="Anahí")
    for_two_years = now() - timedelta(days=2 * 365 - 10)
    make_choice(ana, channels=[Channel.EMAIL], occurred_at=for_two_years, at=for_two_years)
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    page = reverse("admin:consent_permission_changelist")

    by_calendar, unused = (
        client.get(page, asked).content.decode() for asked in ({}, {"why": "unused"})
    )

    assert "Anahí" not in by_calendar
    assert "Anahí" in unused
    assert "as long as it is used" in unused
