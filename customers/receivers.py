from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils.timezone import now

from customers.operations.timeline import ensure_generation


@receiver(post_migrate)
def begin_generation(sender: AppConfig, **kwargs: Any) -> None:
    """Migrating is the first thing done after a restore, and before the first event."""
    if sender.name == "customers":
        ensure_generation(at=now())
