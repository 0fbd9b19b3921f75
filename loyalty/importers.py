"""Files of points of another programme; what other files would do to members, points and tiers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from customers.enums import CellType
from customers.importers.people import customer_column
from customers.rules.files import Check, Column, FileKind, Foresight, Touch
from loyalty.operations.openings import END_OF_DAY, open_balances

# By the reference that the file gives, or else by the day on which the points expire.
_NAME = "coalesce('ref:' || s.reference, s.expires_on::text, 'open')"
_OPENING = f"'opening:' || {{customer}} || ':' || {_NAME}"
_KNOWN = f"t.reference = {_OPENING.format(customer='s.customer_id')}"
# What came in for a record that was merged into the customer since is theirs too.
_KNOWN_BEFORE_MERGE = f"""
    (SELECT min(earlier.id) FROM customers_customer merged
     JOIN loyalty_transaction earlier
       ON earlier.reference = {_OPENING.format(customer="merged.id")}
     WHERE merged.merged_into_id = s.customer_id)
"""
_KNOWN_ID = f"coalesce(t.id, {_KNOWN_BEFORE_MERGE})"

POINTS = FileKind(
    code="points",
    label=_("Points balances"),
    help=_(
        "What members bring over from another programme: one row a customer, or one for each day"
        " on which points expire. The points are added to what the member has, once: the same row"
        " again adds nothing. Several rows of one customer with the same day need a reference"
        " each. Without a day the points expire as if earned now."
    ),
    columns=(
        customer_column(),
        Column(
            "points",
            _("points"),
            CellType.WHOLE,
            also=("pontos", "balance", "saldo", "saldo_de_pontos", "points_balance"),
            required=True,
            example="1500",
        ),
        Column(
            "expires_on",
            _("points expire on"),
            CellType.DATE,
            also=(
                "expires_at",
                "expiry",
                "expiration",
                "valid_until",
                "validade",
                "vencimento",
                "expira_em",
                "valido_ate",
            ),
        ),
        Column("note", _("note"), also=("observacao", "nota", "comment", "comentario")),
        Column(
            "reference", _("reference"), also=("referencia", "lot", "lote", "lot_id"), longest=64
        ),
    ),
    key=("customer", "reference", "expires_on"),
    checks=(
        Check(
            "expired_points",
            "expires_on",
            "SELECT s.line, s.expires_on::text FROM {rows} s"
            " JOIN customers_importjob job ON job.id = %(job)s"
            f" WHERE {END_OF_DAY.format(day='s.expires_on')} < job.created_at",
        ),
        # A reference names one lot, whatever is said about its expiry.
        Check(
            "repeated",
            "reference",
            "SELECT line, CASE WHEN line = first THEN last ELSE first END::text FROM"
            " (SELECT line, min(line) OVER lot AS first, max(line) OVER lot AS last,"
            "         min(expires_on) OVER lot IS DISTINCT FROM max(expires_on) OVER lot"
            "         OR count(expires_on) OVER lot NOT IN (0, count(*) OVER lot) AS differ"
            "  FROM {rows} s WHERE reference IS NOT NULL"
            "  WINDOW lot AS (PARTITION BY customer, reference)) AS lot WHERE differ",
        ),
        Check(
            "other_points",
            "points",
            "SELECT s.line, s.points::text FROM {rows} s"
            f" LEFT JOIN loyalty_transaction t ON {_KNOWN}"
            f" LEFT JOIN loyalty_lot lot ON lot.transaction_id = {_KNOWN_ID}"
            f" WHERE {_KNOWN_ID} IS NOT NULL AND (coalesce(lot.points, 0) <> s.points"
            f" OR lot.expires_at <> {END_OF_DAY.format(day='s.expires_on')})",
        ),
    ),
    units=f"""
        SELECT s.*, {_OPENING.format(customer="s.customer_id")} AS opening,
               {_KNOWN_ID} AS known_id, false AS differs
        FROM {{rows}} s LEFT JOIN loyalty_transaction t ON {_KNOWN}
    """,
    write=open_balances,
    chunk=10_000,
    writes=("loyalty_member", "loyalty_account", "loyalty_lot"),
)

FILE_KINDS = [POINTS]


def _members(foresight: Foresight) -> Sequence[Mapping[str, Any]]:
    if foresight.historic or not foresight.changes(table="customers_order"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(member.id), count(*) - count(member.id)"
            f" FROM {foresight.people} AS told LEFT JOIN loyalty_member member USING (customer_id)"
        )
        members, others = cursor.fetchone()
    return [{"members": members, "others": others}]


def _history(foresight: Foresight) -> Sequence[Mapping[str, Any]]:
    return [{}] if foresight.historic and foresight.changes(table="customers_order") else []


def _brought(foresight: Foresight) -> Sequence[Mapping[str, Any]]:
    if foresight.kind is not POINTS:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(points), 0)::bigint, count(DISTINCT told.customer_id)"
            "       FILTER (WHERE member.id IS NULL)"
            f" FROM {foresight.new} AS told LEFT JOIN loyalty_member member USING (customer_id)"
        )
        points, newcomers = cursor.fetchone()
    return [{"points": points, "newcomers": newcomers}]


TOUCHES = [
    Touch(
        "loyalty.tiers",
        _(
            "Points and tiers are settled for the buyers. Members: %(members)s; not members yet,"
            " who become members with an order that stands: %(others)s."
        ),
        _members,
    ),
    Touch(
        "loyalty.points_brought",
        _("Points that are added: %(points)s. Customers who become members: %(newcomers)s."),
        _brought,
    ),
    Touch("loyalty.history", _("These orders are history: they earn no points."), _history),
]
