"""What a mail service's word on a message means, and when a campaign annoys too many."""

import re
from dataclasses import dataclass
from datetime import datetime

from campaigns.enums import FeedbackKind
from common.mail_transport import DEAD_ADDRESS

# RFC 3463: policy and security. It is us they do not want; the address is well.
UNWANTED = re.compile(r"\b[45]\.7\.\d+\b|\bspam\b|\bblocked\b", re.IGNORECASE)

# Gmail and Yahoo ask senders to stay below 0.1 % (their bulk sender rules of 2024).
MOST_COMPLAINTS_SHARE = 0.001
# Of fewer, one annoyed person would be a share.
FEWEST_DELIVERED = 1000


@dataclass(frozen=True)
class Told:
    """What a mail service says of one message.

    ``event`` and ``reason`` are Anymail's words, ``answer`` the receiving server's own. ``proof``
    is what we gave along with the message, and nobody else can make. The same ``reference`` is the
    same word again.
    """

    event: str
    reference: str
    proof: str = ""
    reason: str = ""
    answer: str = ""
    recipient: str = ""
    happened_at: datetime | None = None


def meaning(told: Told) -> FeedbackKind | None:
    """Return what a word means; None where it changes nothing, such as “delayed” or “opened”."""
    if told.event == "complained":
        return FeedbackKind.COMPLAINED
    if told.event == "unsubscribed":
        return FeedbackKind.UNSUBSCRIBED
    if told.event not in ("bounced", "rejected"):
        return None
    if DEAD_ADDRESS.search(told.answer) or _will_never_take_it(told):
        return FeedbackKind.DEAD_ADDRESS
    if UNWANTED.search(told.answer) or told.reason in ("blocked", "spam"):
        return FeedbackKind.UNWANTED
    # Without a status nobody knows: an address is not given up for that.
    return FeedbackKind.NOT_DELIVERED


def _will_never_take_it(told: Told) -> bool:
    """Say whether the service itself gave the address up, and does not even try."""
    return told.event == "rejected" and told.reason in ("invalid", "bounced")


def annoys_too_many(*, complained: int, delivered: int) -> bool:
    return delivered >= FEWEST_DELIVERED and complained / delivered >= MOST_COMPLAINTS_SHARE
