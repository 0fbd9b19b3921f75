"""The nightly proof: permissions are what people chose, and no choice was tampered with."""

from datetime import datetime

from django.utils.timezone import now

from consent.models import ProofRun
from consent.queries.proofs import Found, broken_chains, permissions_that_differ, ranges

# Some seconds for a statement, however many customers there are.
CUSTOMERS_AT_ONCE = 20_000
# Enough to look into; the numbers tell of all.
NAMED = 50


def prove(*, at: datetime, customers_at_once: int = CUSTOMERS_AT_ONCE) -> ProofRun:
    """Check everybody, in pieces, and keep what was found; repairs nothing."""
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
    run.finished_at = now()
    run.save(update_fields=["finished_at"])
    return run


def _name(run: ProofRun, what: str, found: Found) -> None:
    run.details[what] = [*run.details[what], *found.faults][:NAMED]
