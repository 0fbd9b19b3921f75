from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils.timezone import now

from common.bell import ring
from customers.operations.timeline import ensure_generation, timeline_grew
from customers.tasks import keep_who_was_seen, queue_webhooks


@receiver(post_migrate)
def begin_generation(sender: AppConfig, **kwargs: Any) -> None:
    """Migrating is the first thing done after a restore, and before the first event."""
    if sender.name == "customers":
        ensure_generation(at=now())


@receiver(timeline_grew)
def wake_webhooks(**kwargs: Any) -> None:
    ring(queue_webhooks)


@receiver(timeline_grew)
def wake_who_keeps_who_was_seen(**kwargs: Any) -> None:
    ring(keep_who_was_seen)
