from collections.abc import Callable
from datetime import date

from common.discovery import declared
from customers.enums import BirthDatePolicy
from customers.rules.birth_dates import kept_birth_date


def birth_date_policy() -> BirthDatePolicy:
    """Return what the shop keeps of a birth date; an app above says, in ``gates.py``."""
    for ask in declared("gates", "BIRTH_DATE_POLICIES"):
        return BirthDatePolicy(ask())
    return BirthDatePolicy.FULL


def birth_date_keeper() -> Callable[[str], str]:
    """Return what cuts a date in ISO format down to what is kept of it; '' for nothing."""
    policy = birth_date_policy()

    def kept(text: str) -> str:
        born = kept_birth_date(date.fromisoformat(text), policy=policy)
        return born.isoformat() if born else ""

    return kept
