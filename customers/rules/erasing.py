"""What becomes of somebody's rows when they are erased."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.functional import Promise

# All that a record says of the person, the number by which the shop calls them apart.
SAID_OF_A_PERSON = (
    "first_name", "last_name", "email", "email_hash", "phone", "phone_hash", "tax_id",
    "birth_date", "gender", "language", "timezone", "country", "state", "city", "postal_code",
    "interests", "tags", "attributes",
)  # fmt: skip


class Fate(Enum):
    DELETED = "deleted"
    BLANKED = "blanked"
    KEPT = "kept"


@dataclass(frozen=True)
class Erasing:
    """What becomes of a table's rows; ``because`` tells staff why what is kept is.

    Of a blanked row the columns in ``blanks`` are emptied; ``written_once`` says that the table is
    append-only, and admits that through ``blank_rows`` alone (``common.append_only``).
    """

    fate: Fate
    blanks: tuple[str, ...] = ()
    because: str | Promise = ""
    written_once: bool = False


DELETED = Erasing(Fate.DELETED)


def blanked(*columns: str, because: str | Promise, written_once: bool = False) -> Erasing:
    return Erasing(Fate.BLANKED, columns, because, written_once)


def kept(because: str | Promise) -> Erasing:
    return Erasing(Fate.KEPT, because=because)


def _nothing(*_: Any) -> None:
    pass


def _no_sentences(*_: Any) -> list[str]:
    return []


@dataclass(frozen=True)
class ErasePart:
    """What an app does, beyond its rows, when somebody is erased.

    Apps declare theirs in ``personal_data.py: ERASE_PARTS``. ``erase`` gets the ``Leaving``
    (``customers.operations.erasing``) while all is still there; ``foresee`` gets the person's
    records and the moment, returns sentences for the preview, and writes nothing.
    """

    foresee: Callable[..., Iterable[str]] = _no_sentences
    erase: Callable[[Any], None] = _nothing
