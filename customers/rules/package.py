"""What somebody is handed who asks for all that is held about them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils.functional import Promise

SCHEMA = "clientela.personal-data/1"

DATA = "dados.json"
CONSENTS = "consentimentos.json"
SHARING = "compartilhamentos.csv"
DECISIONS = "decisoes.json"
MANIFEST = "manifest.sha256"

# A row of a file: JSON, or a line of a table with the same keys as every other.
Item = Mapping[str, Any]


@dataclass(frozen=True)
class PackagePart:
    """What an app adds to one file of the package, beyond its tables.

    Apps declare theirs in ``personal_data.py: PACKAGE_PARTS``; several may add to one file.
    ``items`` gets the ids of the person's records and the moment. ``title`` says what the file is,
    ``of`` whose rows it tells: staff take along only what they may see.
    """

    file: str
    title: str | Promise
    items: Callable[[Collection[int], datetime], Iterable[Item]]
    of: Any


def manifest(files: Mapping[str, bytes]) -> bytes:
    """Return the hash of each file, as ``sha256sum --check`` reads it."""
    lines = [f"{sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    return "".join(lines).encode()
