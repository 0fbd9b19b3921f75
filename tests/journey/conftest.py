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
def bell(tmp_path: Path) -> Iterator[str]:
    with broker(tmp_path / "broker") as address:
        yield address


@pytest.fixture
def program(real_db, mailbox, bell) -> Iterator[str]:
    """Run web and worker as in the field, on a database of the test's own: the address."""
    with web(bell, threads=TILLS) as address, worker(bell, PUBLIC_URL=address):
        yield address


@pytest.fixture
def shop(program, bell, mailbox, tmp_path: Path) -> Iterator[Shop]:
    """Run the scheduler too, and write the files that the shop will bring in."""
    book = write_book(tmp_path / "files")
    with scheduler(bell):
        yield Shop(program, mailbox, book)
