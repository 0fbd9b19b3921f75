from consent.enums import Channel
from consent.models import Suppression
from customers.operations.profile import contact_hash


def standing_at(address: str, *, channel: Channel) -> list[Suppression]:
    """Return what blocks a normalised address on the channel, oldest first."""
    found = Suppression.objects.filter(
        channel=channel, contact_hash=contact_hash(address), lifted_at=None
    )
    return list(found.order_by("pk"))
