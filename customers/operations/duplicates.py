"""Records that may be one person's: found by what they share, and decided by a person."""

from datetime import datetime

from django.db import connection, transaction

from common.models import User
from common.operations import audit
from customers.enums import CandidateState, DuplicateReason
from customers.models import DuplicateCandidate

# What more records share than that says nothing: the shop's own phone, info@, an office block.
# It also keeps the pairs few: 5,000 records of one number would be twelve million.
MOST_ALIKE = 20
# The surest are listed: nobody looks through more, and the write stays one of a second or two.
MOST_PAIRS = 50_000
# How alike two names are, as a share of their trigrams.
ALIKE = 0.55

WEIGHTS = {
    DuplicateReason.TAX_ID: 100,
    DuplicateReason.EMAIL: 60,
    DuplicateReason.NAME_AND_BIRTH: 50,
    DuplicateReason.PHONE: 40,
    DuplicateReason.NAME_AND_PLACE: 20,
}
# What is shared, as SQL over a customer; '' and NULL are shared with nobody.
KEYS = {
    DuplicateReason.TAX_ID: "tax_id",
    # A mailbox, whatever stands behind the plus sign.
    DuplicateReason.EMAIL: (
        "CASE WHEN email LIKE '%%+%%' THEN regexp_replace(email, '\\+[^@]*@', '@') ELSE email END"
    ),
    # A Brazilian mobile of before 2016 has no 9 in front (customers.rules.normal_phone).
    DuplicateReason.PHONE: (
        "CASE WHEN length(phone) = 13"
        " THEN regexp_replace(phone, '^(\\+55[1-9]{2})([6-9]\\d{7})$', '\\19\\2')"
        " ELSE phone END"
    ),
    DuplicateReason.NAME_AND_BIRTH: (
        "CASE WHEN first_name <> '' AND last_name <> '' THEN plain_name || birth_date END"
    ),
}
PRESENT = "erased_at IS NULL AND merged_into_id IS NULL"


def find_duplicates(*, at: datetime) -> int:
    """Look through all customers and list the pairs that share something; return how many wait.

    What no longer holds is not listed any more; what somebody decided stays decided. One
    statement, which reads for seconds and writes only the difference, at its end.
    """
    shared = " UNION ALL ".join(_pairs(reason, key) for reason, key in KEYS.items())
    weights = " ".join(
        f"WHEN '{reason.value}' THEN {weight}" for reason, weight in WEIGHTS.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH found AS MATERIALIZED (
                SELECT first, second, array_agg(reason ORDER BY reason) AS reasons,
                       sum(CASE reason {weights} END) AS score
                FROM ({shared} UNION ALL {_alike_in_one_place()}) AS shared
                GROUP BY first, second
                ORDER BY score DESC, first, second LIMIT %(pairs)s
            ), gone AS (
                DELETE FROM customers_duplicatecandidate known
                WHERE state = 'open' AND NOT EXISTS (
                    SELECT FROM found
                    WHERE (found.first, found.second) = (known.first_id, known.second_id)
                )
            )
            INSERT INTO customers_duplicatecandidate AS known
                (first_id, second_id, reasons, score, state, found_at)
            SELECT first, second, reasons, score, 'open', %(at)s FROM found ORDER BY first, second
            ON CONFLICT (first_id, second_id) DO UPDATE
            SET reasons = excluded.reasons, score = excluded.score
            WHERE known.state = 'open' AND known.reasons <> excluded.reasons
            """,  # noqa: S608 -- our own words
            {"at": at, "most": MOST_ALIKE, "pairs": MOST_PAIRS, "alike": ALIKE},
        )
    return DuplicateCandidate.objects.open().count()


def _pairs(reason: DuplicateReason, key: str) -> str:
    return f"""
        SELECT '{reason.value}'::varchar AS reason, first, second
        FROM (
            SELECT array_agg(id) AS ids FROM customers_customer
            WHERE {PRESENT} AND {key} <> '' GROUP BY {key}
            HAVING count(*) BETWEEN 2 AND %(most)s
        ) AS alike, unnest(ids) AS first, unnest(ids) AS second
        WHERE first < second
    """  # noqa: S608


def _alike_in_one_place() -> str:
    """Names that resemble each other, where the postal code and the first letter are the same."""
    place = "postal_code, left(plain_name, 1)"
    return f"""
        SELECT '{DuplicateReason.NAME_AND_PLACE.value}', one.id, other.id
        FROM (
            SELECT array_agg(id) AS ids FROM customers_customer
            WHERE {PRESENT} AND postal_code <> '' AND last_name <> '' GROUP BY {place}
            HAVING count(*) BETWEEN 2 AND %(most)s
        ) AS near CROSS JOIN unnest(ids) AS first CROSS JOIN unnest(ids) AS second
        JOIN customers_customer one ON one.id = first
        JOIN customers_customer other ON other.id = second
        WHERE first < second AND similarity(one.plain_name, other.plain_name) >= %(alike)s
    """  # noqa: S608


@transaction.atomic
def dismiss(candidate: DuplicateCandidate, *, by: User, at: datetime) -> DuplicateCandidate:
    """Say that these are two people, for good; a repeat changes nothing."""
    waiting = DuplicateCandidate.objects.filter(pk=candidate.pk, state=CandidateState.OPEN)
    if waiting.update(state=CandidateState.DISMISSED, decided_at=at, decided_by=by):
        for person in (candidate.first, candidate.second):
            audit("customers.not_the_same", person, at=at, by=by)
    candidate.refresh_from_db()
    return candidate
