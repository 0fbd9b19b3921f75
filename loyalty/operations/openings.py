"""Points that members of another programme bring over: booked by the chunk of a file."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from customers.operations.imports import Chunk
from loyalty import rules
from loyalty.enums import AccountKind, TransactionKind
from loyalty.operations.tiers import set_tiers
from loyalty.queries import the_programme

_ZONE = f"AT TIME ZONE '{settings.SHOP_TIME_ZONE}'"
# Points are good to the last moment of the day (``loyalty.rules.last_moment``).
END_OF_DAY = f"((({{day}}) + 1)::timestamp {_ZONE} - interval '1 microsecond')"


def open_balances(chunk: Chunk) -> None:
    """Book each thing of the chunk that is new: an entry to the member, one to the books.

    Its ``reference`` is unique among transactions, so that nothing is booked twice. Whoever is no
    member yet becomes one, without an event: those of a file are told by the file's.
    """
    programme = the_programme()
    # First the customers, then the members, as a till does (``ledger.lock``).
    chunk.ids(
        "SELECT id FROM customers_customer"
        " WHERE id IN (SELECT customer_id FROM {units} WHERE known_id IS NULL)"
        " ORDER BY id FOR NO KEY UPDATE"
    )
    newcomers = _enrol(chunk, programme.pk)
    chunk.ids(
        "SELECT id FROM loyalty_member"
        " WHERE customer_id IN (SELECT customer_id FROM {units} WHERE known_id IS NULL)"
        " ORDER BY id FOR NO KEY UPDATE"
    )
    _book(chunk, programme.pk)
    _give_lots(chunk, _default_expiry(chunk.at, months=programme.expiry_months))
    _sum_up(chunk)
    # A tier follows from what was spent, and not from points: those who were here have theirs.
    set_tiers(programme, customers=newcomers, at=chunk.at, historic=chunk.job.historic)


def _enrol(chunk: Chunk, programme: int) -> list[int]:
    """Make members of those who are none; return these customers, by id."""
    return chunk.ids(
        f"""
        WITH joined AS (
            INSERT INTO loyalty_member (customer_id, programme_id, joined_at)
            SELECT DISTINCT customer_id, {programme:d}, %(at)s::timestamptz
            FROM {{units}} WHERE known_id IS NULL ORDER BY customer_id
            ON CONFLICT (customer_id) DO NOTHING RETURNING id, customer_id
        ), purses AS (
            INSERT INTO loyalty_account (programme_id, member_id, kind, balance)
            SELECT {programme:d}, id, '{AccountKind.AVAILABLE.value}', 0 FROM joined
        )
        SELECT customer_id FROM joined
        """
    )


def _book(chunk: Chunk, programme: int) -> None:
    """Write transactions and their entries; no points are worth writing down too."""
    chunk.run("DROP TABLE IF EXISTS points_opened")
    chunk.run(
        """
        CREATE TEMP TABLE points_opened ON COMMIT DROP AS
        SELECT nextval(pg_get_serial_sequence('loyalty_transaction', 'id')) AS id, m.id AS member,
               purse.id AS purse, u.points, u.expires_on, u.note, u.opening AS reference
        FROM {units} u JOIN loyalty_member m ON m.customer_id = u.customer_id
        JOIN loyalty_account purse ON purse.member_id = m.id
        WHERE u.known_id IS NULL ORDER BY u.n
        """
    )
    chunk.run("ANALYZE points_opened")
    chunk.run(
        f"""
        WITH written AS (
            INSERT INTO loyalty_transaction
                (id, member_id, kind, occurred_at, recorded_at, note, reference)
            SELECT id, member, '{TransactionKind.OPENED.value}', %(at)s, %(at)s,
                   coalesce(note, ''), reference
            FROM points_opened ORDER BY id
            ON CONFLICT (reference) DO NOTHING RETURNING id
        )
        DELETE FROM points_opened o WHERE NOT EXISTS (SELECT FROM written WHERE id = o.id)
        """
    )
    chunk.run(
        f"""
        INSERT INTO loyalty_entry (transaction_id, account_id, points)
        SELECT o.id, side.account, side.points
        FROM points_opened o,
        (SELECT id FROM loyalty_account
         WHERE programme_id = {programme:d} AND member_id IS NULL
           AND kind = '{AccountKind.ISSUED.value}') AS book,
        LATERAL (VALUES (o.purse, o.points), (book.id, -o.points)) AS side(account, points)
        WHERE o.points > 0 ORDER BY o.id
        """
    )


def _give_lots(chunk: Chunk, default_expiry: str) -> None:
    expiry = END_OF_DAY.format(day="expires_on")
    chunk.run(
        f"""
        INSERT INTO loyalty_lot (member_id, transaction_id, points, remaining, expires_at)
        SELECT member, id, points, points,
               CASE WHEN expires_on IS NULL THEN {default_expiry} ELSE {expiry} END
        FROM points_opened WHERE points > 0 ORDER BY id
        """
    )


def _default_expiry(at: datetime, *, months: int | None) -> str:
    """Return SQL of when points expire of which the file does not say it: as if earned now."""
    expires_at = rules.expiry(at, months=months, zone=ZoneInfo(settings.SHOP_TIME_ZONE))
    return f"'{expires_at.isoformat()}'::timestamptz" if expires_at else "NULL"


def _sum_up(chunk: Chunk) -> None:
    chunk.run(
        """
        UPDATE loyalty_account SET balance = balance + opened.points
        FROM (SELECT purse, sum(points) AS points FROM points_opened GROUP BY purse) AS opened
        WHERE id = opened.purse AND opened.points > 0
        """
    )
