"""How much of a birth date is kept: the shop decides, and nothing more of it comes in."""

from datetime import date

from customers.enums import BirthDatePolicy

# Stands for a year that is not kept: it has a 29 February, and nobody alive was born in it.
YEAR_NOT_KEPT = 1904
FIRST_KNOWN_YEAR = date(YEAR_NOT_KEPT + 1, 1, 1)


def kept_birth_date(born: date | None, *, policy: BirthDatePolicy) -> date | None:
    if born is None or policy == BirthDatePolicy.NONE:
        return None
    return born if policy == BirthDatePolicy.FULL else born.replace(year=YEAR_NOT_KEPT)


def knows_year(born: date | None) -> bool:
    return born is not None and born.year != YEAR_NOT_KEPT
