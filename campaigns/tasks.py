"""Each finds its work by state: a lost bell costs the pause until the next round, and no row."""

import structlog
from celery import shared_task
from django.db import OperationalError
from django.utils.timezone import now

from campaigns.models import Campaign
from campaigns.operations import apology_emails, sending
from campaigns.operations.launching import launch
from common.bell import ring
from common.errors import DomainError

log = structlog.get_logger(__name__)


@shared_task
def launch_due() -> None:
    """Launch what is due, and go on with what a dead worker had begun to launch."""
    for campaign in Campaign.objects.due(at=now()):
        try:
            launch(campaign, at=now())
        except DomainError as refused:
            # Another campaign may be fine; the page of this one says what is wrong with it.
            log.warning("launch_refused", campaign=campaign.pk, code=refused.code)
        except OperationalError:
            # Its segment asks for too much at once; it is tried again in the next round.
            log.exception("launch_failed", campaign=campaign.pk)
        else:
            ring(send)


# Then other tasks have their turn; whatever is left is found again within seconds.
SECONDS_OF_SENDING = 60


@shared_task
def send() -> None:
    sending.send_until_dry(clock=now, seconds=SECONDS_OF_SENDING)


@shared_task
def recover() -> None:
    sending.recover(at=now())


@shared_task
def email_apologies() -> None:
    apology_emails.email_apologies(at=now())
