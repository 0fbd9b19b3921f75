"""One open connection to whoever carries our mail, and plain words for what may go wrong.

The words tell apart what must not be mixed up: nothing was handed over, or it may have been.
"""

import re
import smtplib
from types import TracebackType
from typing import Self

from anymail.exceptions import AnymailAPIError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

# RFC 3463: the mailbox or its domain does not exist, or is closed for good.
DEAD_ADDRESS = re.compile(r"\b5\.(1\.(1|2|3|10)|2\.1)\b")
# Answers of a mail service's API that mean: not you, or not now.
API_CLOSED = {401, 403, 429}


class Unreachable(Exception):
    """Nobody carries mail at the moment; nothing was handed over."""


class Deferred(Exception):
    """This message is not taken now; nothing was handed over."""


class Refused(Exception):
    """This message is never taken."""

    @property
    def address_is_dead(self) -> bool:
        return bool(DEAD_ADDRESS.search(str(self)))


class Unclear(Exception):
    """The connection broke after the message began: it may have arrived."""


class MailTransport:
    """Sends one message at a time over a connection that is opened once and kept.

    Whatever ``EMAIL_URL`` names: SMTP, or a mail service through django-anymail.
    """

    def __init__(self) -> None:
        self._backend = get_connection(_backend_name())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        try:
            self._backend.close()
        except (smtplib.SMTPException, OSError):
            # It was broken, and is forgotten all the same.
            return

    def send(self, message: EmailMessage) -> None:
        """Return when the message was taken; raise one of the four words otherwise."""
        try:
            self._backend.open()
        except OSError as closed:
            raise Unreachable(str(closed)) from closed
        try:
            self._backend.send_messages([message])
        except (AnymailRecipientsRefused, AnymailInvalidAddress) as refused:
            raise Refused(str(refused)) from refused
        except AnymailAPIError as answer:
            raise _word_of_api(answer) from answer
        except smtplib.SMTPRecipientsRefused as refused:
            # We write to one person at a time.
            ((code, text),) = refused.recipients.values()
            raise self._word_of_answer(code, text) from refused
        except smtplib.SMTPSenderRefused as refused:
            # It is us, not the recipient.
            self.close()
            raise Unreachable(_sentence(refused.smtp_code, refused.smtp_error)) from refused
        except smtplib.SMTPResponseException as answer:
            raise self._word_of_answer(answer.smtp_code, answer.smtp_error) from answer
        except smtplib.SMTPNotSupportedError as refused:
            raise Refused(str(refused)) from refused
        except OSError as broken:
            handing_over = getattr(self._backend, "handing_over", True)
            self.close()
            raise (Unclear if handing_over else Unreachable)(str(broken)) from broken

    def _word_of_answer(self, code: int, text: bytes | str) -> Exception:
        if code == 421:
            # RFC 5321: the server closes the connection.
            self.close()
            return Unreachable(_sentence(code, text))
        return (Refused if code >= 500 else Deferred)(_sentence(code, text))


def _word_of_api(answer: AnymailAPIError) -> Exception:
    status = answer.status_code
    if status is None or status >= 500:
        return Unclear(str(answer))
    return (Unreachable if status in API_CLOSED else Refused)(str(answer))


def _sentence(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"


class _Watched:
    """An SMTP connection that knows whether it has begun to hand over a message."""

    handing_over = False

    def mail(self, *args, **options):  # type: ignore[no-untyped-def]
        self.handing_over = False
        return super().mail(*args, **options)  # type: ignore[misc]

    def data(self, msg):  # type: ignore[no-untyped-def]
        self.handing_over = True
        return super().data(msg)  # type: ignore[misc]


class _PlainSMTP(_Watched, smtplib.SMTP):
    pass


class _SecureSMTP(_Watched, smtplib.SMTP_SSL):
    pass


class WatchedEmailBackend(EmailBackend):
    """Django's own, but for what it can tell when the connection breaks."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SecureSMTP if self.use_ssl else _PlainSMTP

    @property
    def handing_over(self) -> bool:
        return getattr(self.connection, "handing_over", False)


def _backend_name() -> str:
    if f"{EmailBackend.__module__}.{EmailBackend.__name__}" == settings.EMAIL_BACKEND:
        return f"{__name__}.{WatchedEmailBackend.__name__}"
    return settings.EMAIL_BACKEND
