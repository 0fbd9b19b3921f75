"""A campaign to whoever comes into its segment after it has begun."""

import time
from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.consumers import CONSUMERS
from campaigns.enums import Audience, CampaignState, MessageState, Outcome
from campaigns.models import Campaign, Message
from campaigns.operations.launching import launch, write_to_entrants
from campaigns.operations.planning import go_on, stop
from campaigns.operations.sending import send_until_dry
from campaigns.queries.report import report
from common.enums import Role
from customers.models import Event
from customers.operations.consuming import follow
from customers.operations.profile import save_customer
from customers.queries.timeline import position_of
from segments.consumers import CHANGES_READER
from segments.operations.handpicking import add_by_hand
from segments.operations.reconsidering import reconsider
from tests.factories import NOW, allow, make_campaign, make_customer, make_offer, make_user
from tests.races import at_once
from tests.segments.test_reconsidering import live

LATER = NOW + timedelta(hours=1)
(ENTRIES,) = CONSUMERS


def opened(**facts) -> Campaign:
    """Begin a campaign to whoever moves to Porto."""
    return launch(make_campaign(segment=live(), goes_to=Audience.ENTRANTS, **facts), at=NOW)


def follow_all():
    """Read as the scheduler does; the server's own work may delay the horizon."""
    deadline = time.monotonic() + 60
    for reader in (CHANGES_READER, ENTRIES):
        last = Event.objects.exclude(kind="segments.left").latest("pk").pk
        while position_of(reader.name).event_id < last:
            assert time.monotonic() < deadline
            follow(reader, at=LATER)
            time.sleep(0.01)


def move(customer, city):
    customer.city = city
    save_customer(customer, at=LATER)
    follow_all()


def written_to(campaign):
    return set(campaign.messages.values_list("customer", flat=True))


def test_whoever_comes_in_is_written_to_once_and_nobody_who_was_in_already(real_db):
    resident, newcomer = allow(make_customer(city="Porto")), allow(make_customer(city="Faro"))
    campaign = opened()
    follow_all()
    assert (campaign.state, written_to(campaign)) == (CampaignState.SENDING, set())

    for city in ("Porto", "Faro", "Porto"):
        move(newcomer, city)
        move(resident, "Porto")

    message = campaign.messages.get()
    assert (message.customer_id, message.outcome) == (newcomer.pk, Outcome.WILL_SEND)
    assert message.decided_at == LATER


def test_whoever_comes_in_and_may_not_be_written_to_is_held_back(real_db):
    unreachable = allow(make_customer(city="Faro", email=""))
    campaign = opened()

    move(unreachable, "Porto")

    assert campaign.messages.get().outcome == Outcome.NO_ADDRESS


@pytest.mark.django_db
def test_nobody_is_written_to_who_has_left_meanwhile():
    gone = allow(make_customer(city="Porto"))
    campaign = opened()
    gone.city = "Faro"
    gone.save()
    reconsider([gone.pk], at=LATER)

    write_to_entrants(campaign, [gone.pk], at=LATER)

    assert written_to(campaign) == set()


@pytest.mark.django_db
def test_it_goes_on_until_somebody_stops_it_and_then_is_for_those_who_come_later(mailbox):
    first, second, third = (allow(make_customer(city="Porto")) for _ in "123")
    campaign = opened()
    write_to_entrants(campaign, [first.pk], at=LATER)

    send_until_dry(clock=lambda: LATER)

    campaign.refresh_from_db()
    assert campaign.messages.get().state == MessageState.SENT
    assert campaign.state == CampaignState.SENDING
    stop(campaign, by=make_user(), at=LATER)
    write_to_entrants(campaign, [second.pk], at=LATER)
    go_on(campaign, by=make_user(), at=LATER)
    write_to_entrants(campaign, [third.pk], at=LATER)
    assert written_to(campaign) == {first.pk, third.pk}


def test_two_workers_that_hear_of_the_same_person_write_to_them_once(real_db):
    person = allow(make_customer(city="Porto"))
    campaign = opened(offer=make_offer())

    answers = at_once(
        *[lambda: write_to_entrants(campaign, [person.pk], at=LATER) for _ in range(4)]
    )

    assert answers == [None] * 4
    assert Message.objects.get(campaign=campaign).voucher is not None


@pytest.mark.django_db
def test_of_those_who_come_one_by_one_the_promised_share_is_kept_back():
    people = [allow(make_customer(city="Porto")) for _ in range(20)]
    campaign = opened(control_share="0.1")

    for person in people:
        write_to_entrants(Campaign.objects.get(pk=campaign.pk), [person.pk], at=LATER)

    assert campaign.messages.filter(outcome=Outcome.CONTROL_GROUP).count() == 2


def test_whoever_is_put_in_by_hand_comes_in_as_well(real_db):
    chosen = allow(make_customer(city="Faro"))
    campaign = opened()

    add_by_hand(campaign.segment, chosen, reason="Asked us to", by=make_user(), at=LATER)
    follow_all()

    assert written_to(campaign) == {chosen.pk}


@pytest.mark.django_db
def test_its_pages_say_for_whom_it_is(client):
    client.force_login(make_user(role=Role.MARKETING))
    draft = make_campaign(segment=live(), goes_to=Audience.ENTRANTS, control_share="0.1")
    launch_page = client.get(reverse("admin:campaigns_campaign_launch", args=[draft.pk]))
    assert "writes to each of them once, until somebody stops it" in launch_page.content.decode()

    campaign = launch(draft, at=NOW)

    page = client.get(reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    assert "Open to whoever comes in" in page.content.decode()
    assert "every 3s" not in page.content.decode()
    assert "Nobody has come into the segment yet." in page.content.decode()
    told = report(campaign, at=LATER)["steps"]
    assert (str(told[0].label), told[0].people) == ("Came into the segment", 0)
