"""Short texts to phones, through a server that the shop names: it takes JSON and passes it on.

Providers differ; what stands between them and us is one address, ``SMS_GATEWAY_URL`` or
``WHATSAPP_GATEWAY_URL``, which is given ``channel``, ``to``, ``text`` and ``reference``.
"""

from dataclasses import asdict, dataclass

import msgspec
from django.conf import settings

from common.enums import PostOutcome
from common.mail_transport import Deferred, Refused, Unclear, Unreachable
from common.webhook_transport import Answer, WebhookTransport

TOO_MANY = 429


@dataclass(frozen=True)
class ShortText:
    """A text to one number in E.164; the same ``reference`` twice is one text."""

    channel: str
    to: str
    text: str
    reference: str


def gateway(channel: str) -> str:
    """Return the address that takes texts of the channel, or '' where the shop named none."""
    return settings.TEXT_GATEWAYS.get(channel, "")


class TextTransport:
    """Says in the words of ``common.mail_transport`` what came of a text."""

    def __init__(self, transport: WebhookTransport | None = None) -> None:
        self._transport = transport or WebhookTransport()

    def send(self, text: ShortText) -> None:
        """Return when the text was taken; raise Unreachable, Deferred, Refused or Unclear."""
        answer = self._transport.post(
            gateway(text.channel),
            body=msgspec.json.encode(asdict(text)),
            headers={"Content-Type": "application/json", "Idempotency-Key": text.reference},
        )
        if not answer.taken:
            raise _word_of(answer)


def _word_of(answer: Answer) -> Exception:
    reason = f"{answer.outcome} {answer.status or ''}".strip()
    if answer.outcome in (PostOutcome.TOO_SLOW, PostOutcome.NO_ANSWER):
        return Unclear(reason)
    if answer.status is None:
        return Unreachable(reason)
    if answer.status >= 500 or answer.status == TOO_MANY:
        return Deferred(reason)
    return Refused(reason)
