"""Addresses in messages that only we can have made; each kind opens one thing."""

from django.conf import settings
from django.core.signing import BadSignature, Signer

from campaigns.models import Message, TrackedLink
from common.keys import signer

UNSUBSCRIBE = signer("unsubscribe")
CLICK = signer("click")
WHY = signer("why")
TOLD = signer("feedback")
# Under this name the mail service is given the proof, and gives it back.
PROOF = "proof"
# What every page behind a link asks of its message.
READ = ("customer", "campaign__segment__purpose", "campaign__purpose")


def unsubscribe_url(message: int) -> str:
    """Return the address by which a message's recipient says no; takes the message's id."""
    return f"{settings.PUBLIC_URL}/u/{UNSUBSCRIBE.sign(str(message))}"


def click_url(message: int, link: int) -> str:
    """Return the address that leads to a link and notes that it was followed; takes ids."""
    return f"{settings.PUBLIC_URL}/c/{CLICK.sign(f'{message}-{link}')}"


def why_url(message: int) -> str:
    """Return the address of the page that says why; takes the message's id."""
    return f"{settings.PUBLIC_URL}/w/{WHY.sign(str(message))}"


def proof_of(message: int) -> str:
    """Return what a mail service tells us back with whatever it says; takes the message's id."""
    return TOLD.sign(str(message))


def message_told_of(proof: str) -> Message | None:
    return _message(proof, TOLD)


def message_to_unsubscribe(token: str) -> Message | None:
    return _message(token, UNSUBSCRIBE)


def message_to_explain(token: str) -> Message | None:
    """Return the message, unless its recipient was erased: then nothing is left to tell."""
    message = _message(token, WHY)
    return message if message and message.customer.erased_at is None else None


def _message(token: str, signed_by: Signer) -> Message | None:
    try:
        message = int(signed_by.unsign(token))
    except BadSignature:
        return None
    return Message.objects.select_related(*READ).filter(pk=message).first()


def followed_link(token: str) -> tuple[Message, TrackedLink] | None:
    """Return whose message the link stood in, and the link: both of the same campaign."""
    try:
        message_id, link_id = map(int, CLICK.unsign(token).split("-"))
    except BadSignature:
        return None
    link = TrackedLink.objects.filter(pk=link_id).first()
    messages = Message.objects.select_related(*READ)
    message = messages.filter(pk=message_id, campaign=link.campaign_id).first() if link else None
    return (message, link) if message and link else None
