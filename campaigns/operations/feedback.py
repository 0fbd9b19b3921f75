"""What follows from what a mail service tells of a message that it took."""

from datetime import datetime

from django.db import transaction

from campaigns.enums import BOUNCES, CampaignState, FeedbackKind
from campaigns.models import Campaign, Feedback
from campaigns.operations.planning import stop
from campaigns.operations.tracking import unsubscribe
from campaigns.queries.feedback import heard, sent
from campaigns.queries.tokens import message_told_of
from campaigns.rules.feedback import Told, annoys_too_many, meaning
from consent.enums import (
    Act,
    ActorKind,
    Channel,
    LegalBasis,
    PointKind,
    SuppressionReason,
    SuppressionSource,
)
from consent.models import Purpose
from consent.operations.choices import record_choice
from consent.operations.suppressions import suppress
from consent.rules.centre import OPTIONAL
from customers.models import Customer
from customers.operations.profile import hold
from customers.operations.timeline import record_event
from customers.rules import normal_email

UNDER_WAY = (CampaignState.LAUNCHING, CampaignState.SENDING)


@transaction.atomic
def take(told: Told, *, at: datetime) -> Feedback | None:
    """Write down what was told of a message of ours, and do what follows.

    None for what changes nothing, or does not prove to be about a message of ours: whoever tells
    it cannot find out which. Told again under the same ``reference``, nothing follows.
    """
    kind, message = meaning(told), message_told_of(told.proof)
    if kind is None or message is None:
        return None
    customer = hold(message.customer)
    if customer.erased_at:
        return None
    feedback, is_new = Feedback.objects.get_or_create(
        reference=told.reference,
        defaults={
            "campaign": message.campaign,
            "message": message,
            "kind": kind,
            # A clock that is ahead, or a liar's.
            "happened_at": min(told.happened_at or at, at),
        },
    )
    if is_new:
        _follow(feedback, customer, is_theirs=_is_theirs(told, customer), at=at)
    return feedback


def _is_theirs(told: Told, customer: Customer) -> bool:
    """Say whether the address written to is still the person's: they may have another by now."""
    return not told.recipient or normal_email(told.recipient) == customer.email


def _follow(feedback: Feedback, customer: Customer, *, is_theirs: bool, at: datetime) -> None:
    if feedback.kind == FeedbackKind.UNSUBSCRIBED:
        unsubscribe(feedback.message, at=at)
    elif feedback.kind == FeedbackKind.COMPLAINED:
        _record(feedback, customer, kind="campaigns.complained")
        _withdraw_everything(feedback, customer, at=at)
        _block(customer, SuppressionReason.COMPLAINT, at=at)
        _stop_if_it_annoys(feedback.campaign, at=at)
    elif feedback.kind in BOUNCES:
        _record(feedback, customer, kind="campaigns.bounced")
        if feedback.kind == FeedbackKind.DEAD_ADDRESS and is_theirs:
            _block(customer, SuppressionReason.HARD_BOUNCE, at=at)


def _record(feedback: Feedback, customer: Customer, *, kind: str) -> None:
    """Write it on the timeline, once for each message however often it is told."""
    record_event(
        customer,
        kind=kind,
        at=feedback.happened_at,
        reference=f"message:{feedback.message_id}:{kind}",
        data={
            "campaign": feedback.campaign_id,
            "campaign_name": feedback.campaign.name,
            "message": feedback.message_id,
        },
    )


def _withdraw_everything(feedback: Feedback, customer: Customer, *, at: datetime) -> None:
    """Say no on e-mail to all that can be refused: a complaint is never about one purpose."""
    for purpose in Purpose.objects.filter(basis__in=OPTIONAL).order_by("code"):
        record_choice(
            customer,
            purpose=purpose,
            act=Act.WITHDRAWN if purpose.basis == LegalBasis.CONSENT else Act.OBJECTED,
            channels=[Channel.EMAIL],
            collection_point=PointKind.API,
            actor_kind=ActorKind.PROVIDER,
            occurred_at=feedback.happened_at,
            reference=f"feedback:{feedback.pk}:{purpose.pk}",
            at=at,
        )


def _block(customer: Customer, reason: SuppressionReason, *, at: datetime) -> None:
    suppress(
        customer.email,
        channel=Channel.EMAIL,
        reason=reason,
        source=SuppressionSource.PROVIDER,
        at=at,
    )


def _stop_if_it_annoys(campaign: Campaign, *, at: datetime) -> None:
    # The lock makes two complaints that come at once take turns, and the second count the first.
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if campaign.state not in UNDER_WAY:
        return
    counted = heard(campaign)
    delivered = sent(campaign) - counted.bounced
    if annoys_too_many(complained=counted.complained, delivered=delivered):
        stop(campaign, by=None, at=at)
