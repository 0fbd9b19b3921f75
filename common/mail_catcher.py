"""The local mail catcher: an SMTP server whose messages are files that open in the browser."""

import itertools
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# Enough for any header; the body is read only when a message is opened.
HEADER_BYTES = 1 << 16
NAME = re.compile(r"\d{19}-\d{6}")


class Mailbox:
    """A folder of messages, one file each, named so that the names sort by arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count()

    def add(self, content: bytes) -> None:
        name = f"{time.time_ns():019}-{next(self._numbers) % 1_000_000:06}"
        # Whoever looks sees whole messages only.
        writing = self.folder / f"{name}.part"
        writing.write_bytes(content)
        writing.rename(self.folder / f"{name}.eml")

    def names(self) -> list[str]:
        """Return the names of all messages, the newest first, without opening any."""
        return sorted((file.stem for file in self.folder.glob("*.eml")), reverse=True)

    def headers(self, name: str) -> EmailMessage:
        with self._file(name).open("rb") as file:
            parser = BytesHeaderParser(policy=policy.default)
            return parser.parsebytes(file.read(HEADER_BYTES))

    def open(self, name: str) -> EmailMessage:
        """Raise FileNotFoundError when there is no such message."""
        return message_from_bytes(self._file(name).read_bytes(), policy=policy.default)

    def messages(self) -> list[EmailMessage]:
        """Return all messages whole, the oldest first."""
        return [self.open(name) for name in reversed(self.names())]

    def _file(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise FileNotFoundError(name)
        return self.folder / f"{name}.eml"


def arrived_at(name: str) -> datetime:
    return datetime.fromtimestamp(int(name.partition("-")[0]) / 1e9, tz=UTC)


def part(message: EmailMessage, kind: str) -> str:
    """Return the message's "html" or "plain" text, or nothing."""
    body = message.get_body((kind,))
    return body.get_content() if body else ""


class Delivery:
    """What the SMTP server does with a message: write down the envelope and keep it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        head = f"X-Envelope-From: {envelope.mail_from}\r\n" + "".join(
            f"X-Envelope-To: {address}\r\n" for address in envelope.rcpt_tos
        )
        content = head.encode() + cast(bytes, envelope.content)
        self.mailbox.add(content.replace(b"\r\n", b"\n"))
        return "250 Kept"


@contextmanager
def catch_mail(folder: Path, *, host: str, port: int, **options: Any) -> Iterator[Mailbox]:
    """Listen on the address, in a thread, until the block ends.

    ``options`` are aiosmtpd's, such as an ``authenticator``.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mailbox = Mailbox(folder)
    controller = Controller(Delivery(mailbox), hostname=host, port=port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
