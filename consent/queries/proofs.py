"""Whether permissions are what people chose, and the chains of choices are whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from consent.models import ConsentEvent
from consent.queries.fold import ANSWERS, FOLD, SCOPES
from customers.models import Customer

_COLUMNS = ("last_event_id", "valid_until", *ANSWERS)

# One snapshot sees events and permissions, which are always written together.
_COMPARED = f"""
    SELECT count(*), json_agg(json_build_array(customer_id, purpose_id)) FILTER (
        WHERE ({", ".join(f"folded.{name}" for name in _COLUMNS)})
            IS DISTINCT FROM ({", ".join(f"kept.{name}" for name in _COLUMNS)}))
    FROM ({FOLD}) AS folded
    FULL JOIN (SELECT * FROM consent_permission WHERE {{customers}}) AS kept
        USING (customer_id, purpose_id)
"""  # noqa: S608 -- names come from our own enums

# A link is broken whose row says other things than its hash, that does not follow the one
# before it, or whose place in the row of links is not the next.
_LINKS = """
    WITH link AS (
        SELECT first_customer_id, previous_hash, row_hash, chain_position,
               consent_event_digest(event) AS digest,
               lag(row_hash) OVER chain AS row_before,
               row_number() OVER chain AS place
        FROM consent_consentevent AS event
        WHERE {chains}
        WINDOW chain AS (PARTITION BY first_customer_id ORDER BY chain_position)
    )
    SELECT count(*), array_agg(DISTINCT first_customer_id) FILTER (
        WHERE row_hash <> digest OR previous_hash <> coalesce(row_before, '')
           OR chain_position <> place)
    FROM link
"""


@dataclass(frozen=True)
class Range:
    """Customers by their ids, from ``first`` to ``last``."""

    first: int
    last: int


@dataclass(frozen=True)
class Found:
    """How many were looked at, and which of them are not as they should be."""

    checked: int
    faults: list[Any]


@dataclass(frozen=True)
class UseProof:
    """What an app above adds to the nightly proof, in its ``proofs.py: PROOFS``.

    ``look`` goes through the uses that it made of people after one moment (None: ever) and up to
    another; a fault is the id of a use that no permission was behind. ``code`` is ``messages`` or
    ``clicks``, as the columns of ``ProofRun`` are called.
    """

    code: str
    look: Callable[[datetime | None, datetime], Found]


def standing_then(events: str, *, among: str, at: str) -> str:
    """Return a query of how many of some scopes were allowed, and how many refused.

    It goes into a lateral join: ``events`` picks the consent events that counted then, ``among``
    the scopes, and ``at`` is the moment; all three may name columns of what it is joined to.
    """
    return f"""
        WITH {SCOPES.format(customers=events)}
        SELECT count(*) FILTER (WHERE says AND valid_until > {at}) AS allowed,
               count(*) FILTER (WHERE NOT says) AS refused
        FROM scope WHERE {among}
    """  # noqa: S608 -- the parts are the callers' own words


def ranges(*, size: int) -> Iterator[Range]:
    """Return everybody in pieces that a statement takes a few seconds for."""
    ids = Customer.objects.order_by("pk").values_list("pk", flat=True)
    least, last = ids.first() or 1, ids.last() or 0
    for first in range(least, last + 1, size):
        yield Range(first, first + size - 1)


def permissions_that_differ(among: Range) -> Found:
    """Compare what is kept of these customers with what their choices add up to.

    A fault is a customer's id and a purpose.
    """
    return _found(_COMPARED.format(customers=_within("customer_id", among)))


def broken_chains(among: Range) -> Found:
    """Look at every choice of these customers; a fault is the id of whose chain is broken."""
    return _found(_LINKS.format(chains=_within("first_customer_id", among)))


def chain_holds(customer: Customer) -> bool:
    """Say whether nothing was changed, put in or taken out of a person's choices.

    What a merge brought them stands in the chains of whom it was first written for.
    """
    first = ConsentEvent.objects.filter(customer=customer).values_list("first_customer_id")
    chains = ", ".join(f"{first_customer:d}" for (first_customer,) in first.distinct())
    return (
        not chains or not _found(_LINKS.format(chains=f"first_customer_id IN ({chains})")).faults
    )


def _within(column: str, among: Range) -> str:
    return f"{column} BETWEEN {among.first:d} AND {among.last:d}"


def _found(statement: str) -> Found:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        checked, faults = cursor.fetchone()
    return Found(checked, faults or [])
