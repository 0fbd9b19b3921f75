from datetime import datetime
from itertools import count

from common.models import User
from customers.enums import WebhookContent
from customers.models import WebhookSubscription
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
