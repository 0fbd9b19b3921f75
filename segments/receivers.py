from typing import Any

from django.dispatch import receiver

from common.bell import ring
from customers.operations.timeline import timeline_grew
from segments.tasks import follow_changes


@receiver(timeline_grew)
def wake_consumer(**kwargs: Any) -> None:
    ring(follow_changes)
