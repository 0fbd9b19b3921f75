from celery import shared_task
from django.utils.timezone import now

from campaigns.operations import apology_emails


@shared_task
def email_apologies() -> None:
    """Found by state, so that a lost bell costs the pause until the next round and no voucher."""
    apology_emails.email_apologies(at=now())
