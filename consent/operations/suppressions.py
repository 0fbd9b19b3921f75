from datetime import datetime

from consent.enums import Channel, SuppressionReason
from consent.models import Suppression
from customers.operations.profile import contact_hash


def suppress(
    address: str, *, channel: Channel, reason: SuppressionReason, at: datetime
) -> Suppression | None:
    """Stop writing to an address, whatever was consented; None for an empty address."""
    digest = contact_hash(address)
    if digest is None:
        return None
    suppression, _ = Suppression.objects.get_or_create(
        channel=channel,
        contact_hash=digest,
        lifted_at=None,
        defaults={"reason": reason, "created_at": at},
    )
    return suppression
