"""What the privacy officer sees at a glance, each figure from what happened."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import now

from common.enums import Role
from common.operations import audit
from consent.enums import Act, Channel, RequestDoor, RequestKind, SuppressionReason
from consent.models import Permission, Purpose
from consent.operations.proofs import prove
from consent.operations.subject_requests import ask
from consent.operations.suppressions import suppress
from consent.queries.coverage import Coverage, answers_by_week, coverage, ending
from customers.enums import Category
from customers.operations.erasing import erase
from tests.factories import NOW, allow, make_choice, make_customer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


def shown(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    return client.get(reverse("admin:privacy"))


def covered(scope, *, purpose="marketing", at=NOW):
    (found,) = [it for it in coverage(at=at)[Purpose.objects.get(pk=purpose)] if it.scope == scope]
    return found


def test_coverage_counts_who_allowed_refused_and_was_never_asked():
    allow(make_customer(), Channel.EMAIL)
    allow(make_customer(), Channel.EMAIL)
    make_choice(make_customer(), act=Act.REFUSED, channels=[Channel.EMAIL])
    make_customer()

    email = covered(Channel.EMAIL)

    assert email == Coverage(Channel.EMAIL, people=4, allowed=2, refused=1)
    assert (email.asked, email.never_asked, email.allowed_share) == (3, 1, 0.5)
    assert covered(Category.PURCHASE).allowed == 2


def test_coverage_leaves_out_the_erased_and_takes_what_is_over_for_silence():
    erase(allow(make_customer()), by=None, reason="asked", at=NOW)
    over = allow(make_customer())
    Permission.objects.filter(customer=over).update(valid_until=NOW)

    assert covered(Channel.EMAIL) == Coverage(Channel.EMAIL, people=1, allowed=0, refused=0)


def test_each_person_counts_once_a_week_however_much_they_said():
    week = timedelta(weeks=1)
    ana, bia = make_customer(), make_customer()
    allow(ana, Channel.EMAIL, Channel.SMS)
    allow(bia, Channel.EMAIL)
    make_choice(
        ana,
        act=Act.WITHDRAWN,
        channels=[Channel.EMAIL],
        occurred_at=NOW + week,
        at=NOW + week,
    )

    weeks = answers_by_week(at=NOW + week, weeks=3)

    assert [(it.opted_in, it.opted_out) for it in weeks] == [(0, 0), (2, 0), (0, 1)]


def test_permissions_that_end_soon_are_counted_by_purpose():
    soon, later = allow(make_customer()), allow(make_customer())
    for person, days in ((soon, 10), (later, 40)):
        Permission.objects.filter(customer=person).update(valid_until=NOW + timedelta(days=days))

    found = ending(since=NOW, until=NOW + timedelta(days=30))

    assert [(purpose.pk, count) for purpose, count in found] == [("marketing", 1)]


def test_an_empty_shop_is_told_how_to_start(client):
    page = shown(client).content.decode()

    assert "No customers yet" in page
    assert "Nobody answered in the last thirteen weeks" in page
    assert "Nobody opened" in page


def test_who_looked_most_leads_to_what_they_looked_at(client):
    agent = make_user(username="marta")
    ana, bia = make_customer(), make_customer()
    for person in (ana, ana, bia):
        audit("customers.viewed", person, at=now(), by=agent)
    audit("customers.viewed", ana, at=now() - timedelta(days=31), by=agent)

    page = shown(client)

    ((found, link),) = page.context["looks"]
    assert (found.person, found.looks, found.records) == (agent, 3, 2)
    assert len(client.get(link).context_data["cl"].result_list) == 4


def test_the_dashboard_leads_to_what_the_night_proved(client):
    Permission.objects.create(purpose_id="marketing", customer=make_customer(), channel_email=True)
    prove(at=NOW)
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    figures = {it["label"]: it for it in client.get("/admin/").context["figures"]}

    tile = figures["Faults in the nightly proof"]
    assert (tile["value"], tile["link"]) == ("1", reverse("admin:privacy"))


def test_requests_that_wait_are_shown_with_their_clock(client):
    asked = ask(
        make_customer(),
        RequestKind.ACCESS,
        door=RequestDoor.EMAIL,
        reference="r-1",
        at=now() - timedelta(days=20),
    )

    page = shown(client)

    assert list(page.context["waiting"]) == [asked]
    assert page.context["late"] == 1
    assert reverse("admin:consent_subjectrequest_change", args=[asked.pk]) in (
        page.content.decode()
    )


def test_blocked_addresses_are_counted_by_reason(client):
    for number in range(2):
        suppress(
            f"{number}@mail.example",
            channel=Channel.EMAIL,
            reason=SuppressionReason.COMPLAINT,
            at=NOW,
        )
    suppress("x@mail.example", channel=Channel.EMAIL, reason=SuppressionReason.STOP, at=NOW)

    rows = shown(client).context["blocked"]

    assert [(row["label"], row["count"]) for row in rows] == [
        (SuppressionReason.COMPLAINT.label, 2),
        (SuppressionReason.STOP.label, 1),
    ]


def test_the_page_asks_as_many_questions_for_one_customer_as_for_many(
    client, django_assert_max_num_queries
):
    for _ in range(5):
        allow(make_customer())
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))

    with django_assert_max_num_queries(25):
        client.get(reverse("admin:privacy"))


def test_page_tells_what_the_night_proved_and_how_fast_a_no_was_felt(client):
    ana, at = make_customer(), now()
    make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL], occurred_at=at, at=at)
    prove(at=at)

    page = shown(client)

    assert (page.context["proof"].faults, page.context["clock"].withdrawals) == (0, 1)
    assert "0 violations" in page.content.decode()
    assert "Messages decided upon after one" in page.content.decode()
