"""What staff should know of the readers of the timeline."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.health import SystemState
from customers.models import ConsumerPosition
from customers.queries.timeline import consumers
from customers.queries.webhooks import webhooks_in_trouble

# Consumers are seconds behind; whoever is behind this long is not running.
LATE = timedelta(minutes=15)


def _troubles(at: datetime) -> list[str]:
    positions = ConsumerPosition.objects.filter(name__in=consumers())
    return [
        _("%(consumer)s: %(trouble)s")
        % {"consumer": consumers()[position.name].label, "trouble": trouble}
        for position in positions.with_unread_since().with_set_aside().order_by("name")
        if (trouble := _trouble(position, at))
    ]


def _trouble(position: ConsumerPosition, at: datetime) -> str:
    if position.failures:
        return _("failing")
    if position.unread_since and at - position.unread_since > LATE:
        return _("behind")
    return _("events set aside") if position.set_aside else ""


def _webhook_troubles(at: datetime) -> list[str]:
    return [
        _("%(webhook)s: %(trouble)s")
        % {"webhook": webhook.name, "trouble": _("failing") if webhook.is_active else _("off")}
        for webhook in webhooks_in_trouble().order_by("name")[:5]
    ]


SYSTEM_STATES = [
    SystemState(
        "consumers",
        gettext_lazy("Consumers"),
        _troubles,
        "admin:customers_consumerposition_changelist",
    ),
    SystemState(
        "webhooks",
        gettext_lazy("Webhooks"),
        _webhook_troubles,
        "admin:customers_webhooksubscription_changelist",
    ),
]
