"""What still stands between a campaign and its launch."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.rules.variables import UNSUBSCRIBE, needs_offer, sensitive
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
    may_be_sensitive: bool = False,
) -> Obstacle | None:
    """Return the first thing that must be mended, or None when the campaign can be sent.

    ``may_be_sensitive`` says that the purpose rests on consent, and that somebody gave theirs for
    sensitive data; whoever did not is held back one by one.
    """
    if channel != Channel.EMAIL:
        return Obstacle("channel", _("Only e-mail can be sent so far."))
    if basis not in WITHOUT_WAY_OUT and UNSUBSCRIBE not in variables:
        return Obstacle(
            "template", _("The template lacks the unsubscribe link: {{ unsubscribe_url }}.")
        )
    if (names := sensitive(variables)) and not may_be_sensitive:
        return Obstacle("template", refusal_of_sensitive(names[0]))
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


def refusal_of_sensitive(name: str) -> str:
    # LGPD, article 11; GDPR, article 9: no other basis will do.
    return _(
        "“%(name)s” is sensitive: a message may say it only for a purpose that rests on consent, "
        "and nobody has given theirs for sensitive data yet."
    ) % {"name": name}
