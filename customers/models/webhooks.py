from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.enums import PostOutcome
from common.keys import unseal
from common.models import ApiKey
from customers.enums import DeliveryState, DisabledReason, WebhookContent

WAITING = (DeliveryState.READY, DeliveryState.FAILED)


class WebhookSubscriptionQuerySet(models.QuerySet["WebhookSubscription"]):
    def with_health(self) -> Self:
        return self.annotate(
            failed_count=_counted(DeliveryState.FAILED), dead_count=_counted(DeliveryState.DEAD)
        )


def _counted(state: DeliveryState) -> Subquery:
    found = WebhookDelivery.objects.filter(subscription=OuterRef("pk"), state=state)
    return Subquery(found.order_by().values("subscription").annotate(n=Count("pk")).values("n"))


class WebhookSubscription(models.Model):
    """Who is told when something happens, where, and how much of it."""

    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(
        _("address"),
        max_length=500,
        help_text=_("Where we post to, such as https://shop.example/hooks."),
    )
    all_kinds = models.BooleanField(
        _("every kind of event"),
        default=False,
        help_text=_("Also kinds that are declared later."),
    )
    kinds = ArrayField(
        models.CharField(max_length=64), verbose_name=_("kinds of event"), default=list, blank=True
    )
    content = models.CharField(
        _("what it tells"),
        max_length=8,
        choices=WebhookContent,
        default=WebhookContent.CUSTOMER,
        help_text=_(
            "Pages, searches, visits and locations tell of a customer only with permission."
        ),
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("While it is off, nothing is sent and nothing new is queued."),
    )
    disabled_reason = models.CharField(
        _("switched off because"), max_length=8, choices=DisabledReason, blank=True, editable=False
    )
    secret_sealed = models.BinaryField(editable=False)
    former_secret_sealed = models.BinaryField(null=True, editable=False)
    former_secret_until = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    created_by_key = models.ForeignKey(
        ApiKey, models.PROTECT, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)
    last_success_at = models.DateTimeField(_("last success"), null=True, editable=False)
    # Since when nothing got through; None while the last try was good.
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)

    # The secret in clear: set by the operations that make one, on this one object.
    secret = ""
    # How many deliveries wait after a failure, and how many were given up: ``with_health``.
    failed_count: int
    dead_count: int

    objects = WebhookSubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(all_kinds=True) | Q(kinds__len__gt=0),
                name="webhook_names_kinds_or_takes_all",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def secrets_at(self, at: datetime) -> Sequence[str]:
        """Return the secrets to sign with: a replaced one is good for a day more."""
        secrets = [unseal(bytes(self.secret_sealed))]
        if (
            self.former_secret_sealed
            and self.former_secret_until
            and at < self.former_secret_until
        ):
            secrets.append(unseal(bytes(self.former_secret_sealed)))
        return secrets


class WebhookDelivery(models.Model):
    """One event for one webhook, until it is taken or given up; nothing personal is kept here.

    What is sent is put together when it is sent, so that an erasure or a withdrawal is felt by
    what still waits. ``message`` is the same for every try: receivers know repeats by it.
    """

    id = models.BigAutoField(primary_key=True)
    message = models.UUIDField(unique=True, db_default=RandomUUID(), editable=False)
    subscription = models.ForeignKey(
        WebhookSubscription,
        # A long log is deleted in one statement, not gathered by Django first.
        models.DO_NOTHING,
        related_name="deliveries",
        db_index=False,
        verbose_name=_("webhook"),
    )
    # The event of the timeline; None for a test.
    event_id = models.BigIntegerField(null=True, editable=False)
    kind = models.CharField(_("kind"), max_length=64)
    state = models.CharField(
        _("state"), max_length=9, choices=DeliveryState, default=DeliveryState.READY
    )
    created_at = models.DateTimeField(_("queued at"), default=now)
    next_try_at = models.DateTimeField(_("next try"), null=True, default=now)
    lease_until = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    last_outcome = models.CharField(
        _("last answer"), max_length=12, choices=PostOutcome, blank=True
    )
    last_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    last_seconds = models.FloatField(_("seconds"), null=True)
    # The last tries, oldest first: when, what came of it, status, seconds.
    log = models.JSONField(default=list)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "event_id"], name="webhook_delivery_once_per_event"
            ),
            models.CheckConstraint(
                condition=Q(state__in=WAITING, next_try_at__isnull=False)
                | Q(state=DeliveryState.LEASED, lease_until__isnull=False)
                | Q(state__in=(DeliveryState.DELIVERED, DeliveryState.DEAD)),
                name="webhook_delivery_waits_for_a_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscription", "next_try_at", "id"],
                condition=Q(state__in=WAITING),
                name="webhook_delivery_due",
            ),
            models.Index(
                fields=["subscription", "lease_until"],
                condition=Q(state=DeliveryState.LEASED),
                name="webhook_delivery_under_way",
            ),
            models.Index(fields=["subscription", "-id"], name="webhook_delivery_newest"),
            models.Index(
                fields=["subscription", "-id"],
                condition=Q(state=DeliveryState.DEAD),
                name="webhook_delivery_given_up",
            ),
            # Rows lie as they were queued, so a few pages say where the old ones are.
            BrinIndex(fields=["created_at"], autosummarize=True, name="webhook_delivery_by_age"),
        ]

    def __str__(self) -> str:
        return self.webhook_id

    @property
    def webhook_id(self) -> str:
        """What the receiver knows it by."""
        return f"msg_{self.message.hex}"

    @property
    def is_test(self) -> bool:
        return self.event_id is None
