"""E-mails about somebody's data: plain text in their language, told apart from advertising."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from common.mail_transport import Deferred, MailTransport, Refused, Unclear, Unreachable


def letter(name: str, language: str, to: str, **facts: object) -> EmailMessage:
    """Return the e-mail; a template begins with the subject."""
    with translation.override(language):
        text = render_to_string(f"consent/mail/{name}.txt", {**facts, "shop": settings.SHOP_NAME})
    subject, _newline, body = text.strip().partition("\n")
    return EmailMessage(
        subject=subject,
        body=body.lstrip(),
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )


def is_settled(transport: MailTransport, mail: EmailMessage) -> bool:
    """Send, and say whether to be content: an address that takes no mail will take none later."""
    try:
        transport.send(mail)
    except (Unreachable, Deferred):
        return False
    except (Refused, Unclear):
        return True
    return True
