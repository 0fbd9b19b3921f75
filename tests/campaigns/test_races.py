"""A withdrawal and workers that claim messages, at the same moment."""

from time import monotonic, sleep

import pytest

from campaigns.enums import MessageState, SkipReason
from campaigns.models import Message
from campaigns.operations.claiming import claim
from consent.enums import Act, Channel
from consent.models import ConsentEvent
from tests.factories import NOW, allow, make_choice, make_customer, make_launched
from tests.races import at_once, overlapping

EVERYBODY = 50
CAMPAIGNS = 40


def withdraw(customer):
    return make_choice(customer, act=Act.WITHDRAWN, channels=[Channel.EMAIL])


def claimed(campaign):
    """Return whom a worker takes that claims all that is left."""
    return {message.customer_id for message in claim(campaign, at=NOW, limit=EVERYBODY).leased}


def outcomes(customer):
    messages = Message.objects.filter(customer=customer)
    return set(messages.values_list("state", "skip_reason", "permission_event"))


@pytest.mark.parametrize("order", [at_once, overlapping])
@pytest.mark.parametrize("claims_first", [True, False])
def test_a_message_is_claimed_on_a_choice_before_the_withdrawal_or_not_at_all(
    real_db, order, claims_first
):
    ana, bia = allow(make_customer()), allow(make_customer())
    last_yes = ConsentEvent.objects.filter(customer=ana).latest("pk").pk
    campaign = make_launched(ana, bia)

    def work():
        return claimed(campaign)

    def leave():
        return withdraw(ana)

    order(*((work, leave) if claims_first else (leave, work)))

    (outcome,) = outcomes(ana)
    assert outcome in {
        (MessageState.LEASED, "", last_yes),
        (MessageState.SKIPPED, SkipReason.CHANNEL_REFUSED, None),
    }
    assert {state for state, *_rest in outcomes(bia)} == {MessageState.LEASED}


def test_once_a_withdrawal_is_committed_no_worker_takes_the_person(real_db):
    """Two workers go through many campaigns to one person, who withdraws on the way."""
    ana = allow(make_customer())
    campaigns = [make_launched(ana) for _ in range(CAMPAIGNS)]
    done: list[float] = []
    taken: list[float] = []
    tried: list[int] = []

    def work():
        for campaign in campaigns:
            began = monotonic()
            if claimed(campaign):
                taken.append(began)
            tried.append(campaign.pk)

    def leave():
        latest = monotonic() + 30
        while len(tried) < CAMPAIGNS // 4 and monotonic() < latest:
            sleep(0.001)
        withdraw(ana)
        done.append(monotonic())

    assert at_once(work, work, leave) == [None, None, None]

    assert taken
    assert max(taken) < done[0]
    states = Message.objects.filter(customer=ana).values_list("state", flat=True)
    assert sorted(states) == (
        [MessageState.LEASED] * len(taken) + [MessageState.SKIPPED] * (CAMPAIGNS - len(taken))
    )
