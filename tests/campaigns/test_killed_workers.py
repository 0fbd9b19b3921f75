"""Workers that die in the middle of a campaign: nobody lost, nobody twice, doubt shown."""

import random
import sys
from collections import Counter
from functools import partial

import pytest
from django.conf import settings
from django.utils.timezone import now

from campaigns.enums import CampaignState, MessageState
from campaigns.operations.claiming import LEASE
from campaigns.operations.launching import launch
from campaigns.operations.sending import message_id, recover, send_until_dry
from consent.models import Permission
from customers.models import Customer, Event
from tests.factories import make_campaign
from tests.programs import running, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.usefixtures("real_db")]

KILLS = 5
# More than five times two batches that die with their workers, and what arrives before.
PEOPLE = 800

# The loop of the task, in a process that shares nothing with this one.
WORKER = """
import django
django.setup()
from django.utils.timezone import now
from campaigns.operations.sending import send_until_dry
send_until_dry(clock=now)
"""


def launch_to_many():
    people = Customer.objects.bulk_create(
        Customer(email=f"person{number}@mail.example") for number in range(PEOPLE)
    )
    Permission.objects.bulk_create(
        Permission(purpose_id="marketing", customer=person, channel_email=True, data_purchase=True)
        for person in people
    )
    return launch(make_campaign(*people), at=now())


def has_arrived(mailbox, count):
    return len(mailbox.names()) >= count


def a_worker():
    environment = {"MAIL_CATCHER_PORT": str(settings.EMAIL_PORT)}
    return running([sys.executable, "-c", WORKER], environment=environment)


def test_workers_killed_again_and_again_lose_nobody_and_write_to_nobody_twice(mailbox):
    campaign = launch_to_many()
    chance = random.Random(7)  # noqa: S311 -- not for secrets

    for _ in range(KILLS):
        goal = len(mailbox.names()) + chance.randint(5, 40)
        with a_worker() as one, a_worker() as other:
            # A worker takes seconds to start, more on a busy machine.
            wait_until(partial(has_arrived, mailbox, goal), seconds=60)
            one.kill()
            other.kill()
    assert campaign.messages.filter(state=MessageState.LEASED).exists()
    much_later = now() + 2 * LEASE
    recover(at=much_later)
    send_until_dry(clock=lambda: much_later)

    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FINISHED
    arrived = Counter(mail["Message-ID"] for mail in mailbox.messages())
    states = {message_id(message): message.state for message in campaign.messages.all()}
    sent = {name for name, state in states.items() if state == MessageState.SENT}
    doubtful = {name for name, state in states.items() if state == MessageState.UNCERTAIN}
    # Everybody is in one of the two states, and a doubt is one message in the hands of a worker.
    assert len(sent) + len(doubtful) == PEOPLE
    assert len(doubtful) <= 2 * KILLS
    assert set(arrived.values()) == {1}
    assert sent <= arrived.keys() <= sent | doubtful
    assert Event.objects.filter(kind="campaigns.message_sent").count() == len(sent)
