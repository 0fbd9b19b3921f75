"""What the recipient does with a message."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from campaigns.models import Click, Message, TrackedLink
from campaigns.queries.audience import purpose_of
from campaigns.queries.tokens import READ
from campaigns.rules.reasons import DAYS_BETWEEN
from consent.enums import Act, Channel, LegalBasis, PointKind
from consent.models import Permission
from consent.operations.choices import record_choice
from consent.operations.wishes import wish
from consent.queries.predicate import RESTS_ON, permitting
from consent.queries.standings import answer_of
from consent.queries.wishes import wishes_of
from customers.enums import Category
from customers.models import Customer
from customers.operations.profile import hold
from customers.operations.timeline import record_event


@transaction.atomic
def record_click(message: Message, link: TrackedLink, *, at: datetime) -> Click:
    """Count that a link was followed; by whom is kept only where the person permits it."""
    purpose = purpose_of(message.campaign)
    person = Customer.objects.filter(pk=message.customer_id)
    allowed = permitting(person, Category.BROWSING, purpose=purpose, at=at)
    rests_on = list(allowed.values_list(RESTS_ON, flat=True))
    known = bool(rests_on)
    click = Click.objects.create(
        link=link,
        message=message if known else None,
        clicked_at=at,
        permission_event=rests_on[0] if known else None,
    )
    if known:
        record_event(
            message.customer,
            kind="campaigns.link_followed",
            at=at,
            reference=f"click:{click.pk}",
            data={
                "campaign": message.campaign_id,
                "campaign_name": message.campaign.name,
                "link": link.pk,
            },
        )
    return click


@transaction.atomic
def unsubscribe(message: Message, *, at: datetime, everywhere: bool = False) -> None:
    """Withdraw what the message was sent under: its purpose, on its channel or ``everywhere``.

    Doing so again changes nothing; after a new permission it withdraws that.
    """
    message, standing = _held(message)
    channels = list(Channel) if everywhere else [Channel(message.channel)]
    refused = [channel for channel in channels if answer_of(standing, channel) is False]
    left = [channel for channel in channels if channel not in refused]
    _say_no(message, standing, left, (), point=PointKind.UNSUBSCRIBE_LINK, at=at)
    if message.unsubscribed_at is None:
        message.unsubscribed_at = at
        message.save(update_fields=["unsubscribed_at"])


@transaction.atomic
def stop_using(message: Message, category: Category, *, at: datetime) -> None:
    """Withdraw one kind of data from the purpose of the message; again changes nothing."""
    message, standing = _held(message)
    if answer_of(standing, category) is not False:
        _say_no(message, standing, (), [category], point=PointKind.PREFERENCE_CENTRE, at=at)


@transaction.atomic
def wish_less(message: Message, *, at: datetime) -> None:
    """Let the person hear from us once a month at most, or more rarely where they wished so."""
    customer = hold(message.customer)
    rarest = max(DAYS_BETWEEN, wishes_of(customer).at_most_every_days or 0)
    wish(customer, at_most_every_days=rarest, at=at)


def _held(message: Message) -> tuple[Message, Permission | None]:
    """Return the message and what stands of its purpose; two requests at once take turns."""
    # The person first, as everywhere (``hold``).
    hold(message.customer)
    message = (
        Message.objects.select_related(*READ).select_for_update(of=("self",)).get(pk=message.pk)
    )
    standing = Permission.objects.filter(
        customer=message.customer_id, purpose=purpose_of(message.campaign)
    )
    return message, standing.first()


def _say_no(
    message: Message,
    standing: Permission | None,
    channels: Collection[Channel],
    categories: Collection[Category],
    *,
    point: PointKind,
    at: datetime,
) -> None:
    if not channels and not categories:
        return
    purpose = purpose_of(message.campaign)
    # A permission given after this withdrawal can be withdrawn by the same link.
    since = standing.last_event_id if standing else 0
    record_choice(
        message.customer,
        purpose=purpose,
        act=Act.WITHDRAWN if purpose.basis == LegalBasis.CONSENT else Act.OBJECTED,
        channels=channels,
        categories=categories,
        collection_point=point,
        occurred_at=at,
        reference=f"unsubscribe:{message.pk}:{since}",
        at=at,
    )
