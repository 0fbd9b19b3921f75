"""A list of who was erased, beside the database: a restored backup brings people back.

Each line holds the keyed hash of a number and the moment; nobody can be read from it. It belongs
on another disk than the backups (``ERASURE_LOG``).
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from common.keys import keyed_hasher
from customers.models import Customer, Erasure
from customers.operations.erasing import erase
from customers.queries.identity import NUMBERS


def write_down_erasures() -> int:
    """Add every erasure that is not in the list yet; return how many."""
    listed = set(_listed())
    fresh = [
        erasure
        for erasure in Erasure.objects.order_by("erased_at", "pk")
        if bytes(erasure.number_hash).hex() not in listed
    ]
    if fresh:
        _append("".join(map(_line, fresh)))
    return len(fresh)


def _line(erasure: Erasure) -> str:
    facts = {
        "number": bytes(erasure.number_hash).hex(),
        "erased_at": erasure.erased_at.isoformat(),
    }
    # The first mark ends a line that a crash cut off.
    return f"\n{json.dumps(facts)}"


def _append(lines: str) -> None:
    path = Path(settings.ERASURE_LOG)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, lines.encode())
        os.fsync(file)
    finally:
        os.close(file)


def _listed() -> Iterator[str]:
    path = Path(settings.ERASURE_LOG)
    if not path.exists():
        return
    with path.open() as lines:
        for line in filter(str.strip, lines):
            try:
                yield json.loads(line)["number"]
            except ValueError:
                # Cut off by a crash: it is written again.
                continue


def replay_erasures(*, at: datetime) -> int:
    """Erase whoever is listed and is back; return how many.

    To be done after every restore, before the program is opened to anybody.
    """
    listed, hashed, erased = set(_listed()), keyed_hasher(NUMBERS), 0
    alive = Customer.objects.filter(erased_at=None).only("pk", "external_id")
    back = [
        customer.pk
        for customer in alive.iterator(chunk_size=10_000)
        if hashed(customer.external_id).hex() in listed
    ]
    for customer in Customer.objects.filter(pk__in=back).order_by("pk"):
        # Erased with the record that it was merged into.
        if not Erasure.objects.filter(customer=customer).exists():
            erase(customer, by=None, reason="A restored backup had brought them back.", at=at)
            erased += 1
    return erased
