from datetime import datetime
from itertools import count

from common.models import User
from customers.enums import DeliveryState, WebhookContent
from customers.models import WebhookDelivery, WebhookSubscription
from customers.operations.webhooks import create_webhook
from tests.factories import NOW, make_user

_number = count(1)


def make_webhook(*, by: User | None = None, at: datetime = NOW, **facts) -> WebhookSubscription:
    """Make a webhook that is told of every event, with its details."""
    defaults = {
        "name": f"Webhook {next(_number)}",
        "url": "https://shop.example/hooks",
        "all_kinds": not facts.get("kinds"),
        "content": WebhookContent.DETAILS,
    }
    webhook = WebhookSubscription(**{**defaults, **facts})
    return create_webhook(webhook, by=by or make_user(), at=at)


def make_delivery(
    webhook: WebhookSubscription,
    *,
    state: DeliveryState = DeliveryState.READY,
    at: datetime = NOW,
    **facts,
) -> WebhookDelivery:
    defaults = {
        "event_id": next(_number),
        "kind": "customers.case_opened",
        "next_try_at": at,
        "lease_until": at,
    }
    delivery = WebhookDelivery.objects.create(
        subscription=webhook, state=state, created_at=at, **{**defaults, **facts}
    )
    # The database makes the name.
    delivery.refresh_from_db()
    return delivery
