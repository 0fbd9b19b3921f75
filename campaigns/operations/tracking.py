"""What the recipient does with a message."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Click, Message, TrackedLink
from campaigns.queries.audience import purpose_of
from consent.enums import Act, Channel, LegalBasis, PointKind
from consent.models import Permission
from consent.operations.choices import record_choice
from consent.queries.predicate import may_use, with_permission
from customers.enums import Category
from customers.models import Customer
from customers.operations.profile import hold
from customers.operations.timeline import record_event


@transaction.atomic
def record_click(message: Message, link: TrackedLink, *, at: datetime) -> Click:
    """Count that a link was followed; by whom is kept only where the person permits it."""
    purpose = purpose_of(message.campaign)
    person = with_permission(Customer.objects.filter(pk=message.customer_id), purpose=purpose)
    known = person.filter(may_use(Category.BROWSING, purpose=purpose)).exists()
    click = Click.objects.create(link=link, message=message if known else None, clicked_at=at)
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
def unsubscribe(message: Message, *, at: datetime) -> None:
    """Withdraw what the message was sent under: its purpose, on its channel.

    Doing so again changes nothing; after a new permission it withdraws that.
    """
    # The person first, as everywhere (``hold``); then two requests for one message take turns.
    hold(message.customer)
    message = (
        Message.objects.select_related(
            "customer", "campaign__segment__purpose", "campaign__purpose"
        )
        .select_for_update(of=("self",))
        .get(pk=message.pk)
    )
    purpose = purpose_of(message.campaign)
    standing = Permission.objects.filter(customer=message.customer_id, purpose=purpose).first()
    channel = Channel(message.channel)
    if standing and getattr(standing, f"channel_{channel.value}") is False:
        return
    record_choice(
        message.customer,
        purpose=purpose,
        act=Act.WITHDRAWN if purpose.basis == LegalBasis.CONSENT else Act.OBJECTED,
        channels=[channel],
        collection_point=PointKind.UNSUBSCRIBE_LINK,
        occurred_at=at,
        # A permission given after this withdrawal can be withdrawn by the same link.
        reference=f"unsubscribe:{message.pk}:{standing.last_event_id if standing else 0}",
        at=at,
    )
    if message.unsubscribed_at is None:
        message.unsubscribed_at = at
        message.save(update_fields=["unsubscribed_at"])
