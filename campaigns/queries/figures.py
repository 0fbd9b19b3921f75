"""A few numbers for the dashboard and the sidebar, each bounded by an index or a period."""

from datetime import datetime

from campaigns.enums import ApologyState, CampaignState, RedemptionState
from campaigns.models import Apology, Campaign, Redemption

RUNNING = (CampaignState.SCHEDULED, CampaignState.LAUNCHING, CampaignState.SENDING)


def waiting_apologies() -> int:
    return Apology.objects.filter(state=ApologyState.WAITING).count()


def running_campaigns() -> int:
    """Count the campaigns that are planned, being launched or being sent."""
    return Campaign.objects.filter(state__in=RUNNING).count()


def vouchers_redeemed(*, since: datetime) -> int:
    standing = Redemption.objects.filter(state=RedemptionState.REDEEMED)
    return standing.filter(redeemed_at__gte=since).count()
