"""The nightly proof: permissions are what people chose, and no choice was tampered with.

And every message and named click since the last proof was permitted when it was decided upon.
"""

from datetime import datetime

from django.utils.timezone import now

from common.discovery import declared
from consent.models import ProofRun
from consent.queries.proofs import (
    Found,
    UseProof,
    broken_chains,
    permissions_that_differ,
    ranges,
)

# Some seconds for a statement, however many customers there are.
CUSTOMERS_AT_ONCE = 20_000
# Enough to look into; the numbers tell of all.
NAMED = 50


def prove(*, at: datetime, customers_at_once: int = CUSTOMERS_AT_ONCE) -> ProofRun:
    """Check everybody, in pieces, and keep what was found; repairs nothing."""
    since = _uses_proven_until()
    run = ProofRun.objects.create(at=at, details={"permissions": [], "chains": []})
    for among in ranges(size=customers_at_once):
        differ, broken = permissions_that_differ(among), broken_chains(among)
        run.permissions_checked += differ.checked
        run.differences += len(differ.faults)
        run.choices_checked += broken.checked
        run.chains_broken += len(broken.faults)
        _name(run, "permissions", differ)
        _name(run, "chains", broken)
        run.save()
    for proof in declared("proofs", "PROOFS"):
        _look_at_uses(run, proof, since=since)
    run.finished_at = now()
    run.save()
    return run


def _uses_proven_until() -> datetime | None:
    """Return up to when an earlier proof looked at messages and clicks; None for never."""
    proven = ProofRun.objects.filter(finished_at__isnull=False, messages_checked__isnull=False)
    return proven.order_by("-at").values_list("at", flat=True).first()


def _look_at_uses(run: ProofRun, proof: UseProof, *, since: datetime | None) -> None:
    found = proof.look(since, run.at)
    setattr(run, f"{proof.code}_checked", found.checked)
    setattr(run, f"{proof.code}_without_permission", len(found.faults))
    _name(run, proof.code, found)


def _name(run: ProofRun, what: str, found: Found) -> None:
    run.details[what] = [*run.details.get(what, []), *found.faults][:NAMED]
