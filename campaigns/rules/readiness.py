"""What still stands between a campaign and its launch."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.rules.variables import UNSUBSCRIBE, needs_offer
from consent.enums import Channel, LegalBasis

# Purposes that rest on these need no way out: an invoice is sent to whoever owes it.
WITHOUT_WAY_OUT = {LegalBasis.CONTRACT, LegalBasis.LEGAL_OBLIGATION}


@dataclass(frozen=True)
class Obstacle:
    """What is wrong, and with which field of the campaign."""

    field: str
    sentence: str


def obstacle(
    *,
    channel: str,
    basis: str,
    variables: Collection[str],
    has_offer: bool,
    offer_is_active: bool,
) -> Obstacle | None:
    """Return the first thing that must be mended, or None when the campaign can be sent."""
    if channel != Channel.EMAIL:
        return Obstacle("channel", _("Only e-mail can be sent so far."))
    if basis not in WITHOUT_WAY_OUT and UNSUBSCRIBE not in variables:
        return Obstacle(
            "template", _("The template lacks the unsubscribe link: {{ unsubscribe_url }}.")
        )
    if needs_offer(variables) and not has_offer:
        return Obstacle("offer", _("The template speaks of an offer: choose one."))
    if has_offer and basis in WITHOUT_WAY_OUT:
        return Obstacle(
            "offer",
            _("An offer is advertising: choose a segment for a purpose that people can refuse."),
        )
    if has_offer and not offer_is_active:
        return Obstacle("offer", _("The offer is not active."))
    return None
