from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.enums import Role
from common.mail_catcher import Mailbox
from tests.factories import make_user
from tests.journey.book import Book, write_book
from tests.journey.visitor import Visitor
from tests.programs import broker, scheduler, web, worker


@dataclass(frozen=True)
class Shop:
    """The whole program at work: its address, its mail, its staff, and the files it will get."""

    address: str
    mailbox: Mailbox
    book: Book

    def staff(self, role: Role) -> Visitor:
        """Return a new person of this role, signed in."""
        user = make_user(role=role)
        return Visitor(self.address).sign_in(user.username)


# So many tills ask at once.
TILLS = 50


@pytest.fixture
def shop(real_db, mailbox, tmp_path: Path) -> Iterator[Shop]:
    """Run web, worker and scheduler as in the field, on a database of the test's own."""
    book = write_book(tmp_path / "files")
    with (
        broker(tmp_path / "broker") as bell,
        web(bell, threads=TILLS) as address,
        worker(bell, PUBLIC_URL=address),
        scheduler(bell),
    ):
        yield Shop(address, mailbox, book)
