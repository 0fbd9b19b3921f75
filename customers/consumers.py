"""What the timeline sets off: webhooks tell other servers."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from customers.operations.webhooks import queue_deliveries
from customers.rules import Consumer, Span


def queue_webhooks(span: Span, *, at: datetime) -> None:
    queue_deliveries(span, at=at)


WEBHOOKS_READER = Consumer(
    name="customers.webhooks",
    label=_("Webhooks are queued"),
    react=queue_webhooks,
    limit=5000,
)
CONSUMERS = [WEBHOOKS_READER]
