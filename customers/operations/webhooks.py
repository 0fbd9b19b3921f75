"""Who is told what happens: webhooks made, changed, tried out, and told again."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.egress import Egress, UnsafeAddress, read_target
from common.errors import DomainError
from common.keys import seal
from common.models import ApiKey, User
from common.operations import audit
from customers.enums import DeliveryState
from customers.models import WebhookDelivery, WebhookSubscription
from customers.operations.timeline import UnknownKind
from customers.queries.timeline import kinds_called
from customers.rules import Span
from customers.rules.webhooks import SECRET_BYTES, TEST_KIND, secret_of

# For receivers to learn a new secret without losing what comes meanwhile.
FORMER_SECRET_IS_GOOD_FOR = timedelta(days=1)
LOG_IS_KEPT = timedelta(days=30)


class NamesNoKind(DomainError):
    code = "no_event_kind"
    status = 422


class SwitchedOff(DomainError):
    code = "webhook_switched_off"


@transaction.atomic
def create_webhook(
    webhook: WebhookSubscription, *, by: User | ApiKey, at: datetime
) -> WebhookSubscription:
    """Save a new webhook; ``secret`` on the returned object is all that ever shows it.

    Raises UnsafeAddress, UnknownKind and NamesNoKind.
    """
    check_webhook(webhook)
    webhook.created_by = by if isinstance(by, User) else None
    webhook.created_by_key = by if isinstance(by, ApiKey) else None
    webhook.created_at = at
    _renew_secret(webhook)
    webhook.save()
    audit("customers.webhook_created", webhook, at=at, by=by)
    return webhook


@transaction.atomic
def change_webhook(
    webhook: WebhookSubscription, *, fields: Iterable[str], by: User | ApiKey, at: datetime
) -> WebhookSubscription:
    """Save what was changed; whoever switches it on again has seen why it was off.

    Raises UnsafeAddress, UnknownKind and NamesNoKind.
    """
    check_webhook(webhook)
    fields = set(fields)
    if "is_active" in fields:
        webhook.disabled_reason, webhook.failing_since = "", None
        webhook.save(update_fields=["disabled_reason", "failing_since"])
    webhook.save(update_fields=fields)
    audit("customers.webhook_changed", webhook, at=at, by=by, fields=fields)
    return webhook


def check_webhook(webhook: WebhookSubscription) -> None:
    """Refuse what could never be sent, or nowhere that is open."""
    try:
        read_target(webhook.url, egress=Egress.of_settings())
    except UnsafeAddress as unsafe:
        raise UnsafeAddress(unsafe.message, field="url") from unsafe
    for code in sorted(set(webhook.kinds) - kinds_called(webhook.kinds).keys()):
        raise UnknownKind(
            _("Nothing declares the event kind %(kind)s.") % {"kind": code}, field="kinds"
        )
    if not (webhook.kinds or webhook.all_kinds):
        raise NamesNoKind(_("Choose at least one kind of event, or all."), field="kinds")


@transaction.atomic
def replace_secret(
    webhook: WebhookSubscription, *, by: User | ApiKey, at: datetime
) -> WebhookSubscription:
    """Make a new secret; for a day everything is signed with the former one too."""
    webhook.former_secret_sealed = webhook.secret_sealed
    webhook.former_secret_until = at + FORMER_SECRET_IS_GOOD_FOR
    _renew_secret(webhook)
    changed = ["secret_sealed", "former_secret_sealed", "former_secret_until"]
    webhook.save(update_fields=changed)
    audit("customers.webhook_secret_replaced", webhook, at=at, by=by)
    return webhook


def _renew_secret(webhook: WebhookSubscription) -> None:
    webhook.secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    webhook.secret_sealed = seal(webhook.secret)


@transaction.atomic
def remove_webhook(webhook: WebhookSubscription, *, by: User | ApiKey, at: datetime) -> None:
    """Forget the webhook, what waits for it and its log."""
    audit("customers.webhook_removed", webhook, at=at, by=by)
    webhook.deliveries.all().delete()
    webhook.delete()


@transaction.atomic
def send_test(webhook: WebhookSubscription, *, by: User | ApiKey, at: datetime) -> WebhookDelivery:
    """Leave a delivery that tells of nothing. Raises SwitchedOff."""
    _refuse_switched_off(webhook)
    audit("customers.webhook_tested", webhook, at=at, by=by)
    return WebhookDelivery.objects.create(
        subscription=webhook, kind=TEST_KIND, created_at=at, next_try_at=at
    )


@transaction.atomic
def replay(
    webhook: WebhookSubscription,
    deliveries: QuerySet[WebhookDelivery],
    *,
    by: User | ApiKey,
    at: datetime,
) -> int:
    """Send these of the webhook's deliveries anew, with their first ids; return how many.

    What is on its way just now is left alone. Raises SwitchedOff.
    """
    _refuse_switched_off(webhook)
    again = deliveries.filter(subscription=webhook).exclude(state=DeliveryState.LEASED)
    count = again.update(
        state=DeliveryState.READY, tries=0, next_try_at=at, lease_until=None, delivered_at=None
    )
    audit("customers.webhook_replayed", webhook, at=at, by=by)
    return count


def failed_since(webhook: WebhookSubscription, since: datetime) -> QuerySet[WebhookDelivery]:
    """Return what was queued since then and has not got through."""
    troubled = (DeliveryState.FAILED, DeliveryState.DEAD)
    return webhook.deliveries.filter(state__in=troubled, created_at__gte=since)


def _refuse_switched_off(webhook: WebhookSubscription) -> None:
    if not webhook.is_active:
        raise SwitchedOff(_("The webhook is switched off. Switch it on first."))


def queue_deliveries(span: Span, *, at: datetime) -> int:
    """Leave one delivery for each event of the span and each webhook that asks for its kind.

    Imported history is told to nobody, and nothing is told of before the webhook was made. An
    import is the one event that it leaves.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO customers_webhookdelivery
                (subscription_id, event_id, kind, state, created_at, next_try_at, fence, tries,
                 last_outcome, log)
            SELECT webhook.id, event.id, event.kind, 'ready', %(at)s, %(at)s, 0, 0, '', '[]'
            FROM customers_event AS event
            JOIN customers_webhooksubscription AS webhook
                ON webhook.is_active
                AND (webhook.all_kinds OR event.kind = ANY(webhook.kinds))
                AND event.recorded_at >= webhook.created_at
            WHERE (event.generation, event.xid, event.id)
                    > (%(g1)s, %(x1)s::text::xid8, %(e1)s)
                AND (event.generation, event.xid, event.id)
                    <= (%(g2)s, %(x2)s::text::xid8, %(e2)s)
                AND NOT event.historic
            ORDER BY event.generation, event.xid, event.id
            ON CONFLICT (subscription_id, event_id) DO NOTHING
            """,
            {
                "at": at,
                **dict(zip(("g1", "x1", "e1"), span.after, strict=True)),
                **dict(zip(("g2", "x2", "e2"), span.upto, strict=True)),
            },
        )
        return cursor.rowcount


def forget_old_deliveries(*, at: datetime) -> int:
    """Delete what was settled or given up a month ago."""
    over = (DeliveryState.DELIVERED, DeliveryState.DEAD)
    old = WebhookDelivery.objects.filter(created_at__lt=at - LOG_IS_KEPT, state__in=over)
    return old.delete()[0]
