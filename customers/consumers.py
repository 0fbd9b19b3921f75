"""What the timeline sets off: it is kept when people were seen, and other servers are told."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from customers.operations.touches import keep_touches
from customers.operations.webhooks import queue_deliveries
from customers.rules import Consumer, Span


def queue_webhooks(span: Span, *, at: datetime) -> None:
    queue_deliveries(span, at=at)


def keep_who_was_seen(span: Span, *, at: datetime) -> None:
    keep_touches(span)


SEEN_READER = Consumer(
    name="customers.seen", label=_("When customers were last seen"), react=keep_who_was_seen
)
WEBHOOKS_READER = Consumer(
    name="customers.webhooks",
    label=_("Webhooks are queued"),
    react=queue_webhooks,
    limit=5000,
)
CONSUMERS = [SEEN_READER, WEBHOOKS_READER]
