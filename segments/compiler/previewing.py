from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError
from django.utils.translation import gettext as _

from common.errors import DomainError
from consent.models import Purpose
from customers.models import Customer
from segments.compiler.counting import Funnel, funnel
from segments.compiler.selecting import matching
from segments.queries import patience
from segments.rules import Rule

SECONDS_TO_COUNT = 10
SAMPLE = 10


class TooMuchAtOnce(DomainError):
    code = "too_much_at_once"
    status = 422


@dataclass(frozen=True)
class Preview:
    """Whom a rule would mean: counted, and a few of them, those who came last first."""

    funnel: Funnel
    sample: list[Customer]


def preview(rule: Rule, *, purpose: Purpose, at: datetime) -> Preview:
    """Count a rule and show a few people, within seconds or not at all. Raises TooMuchAtOnce."""
    meant = matching(rule, purpose=purpose, at=at).order_by("-registered_at", "-id")
    try:
        with patience(SECONDS_TO_COUNT):
            return Preview(funnel(rule, purpose=purpose, at=at), list(meant[:SAMPLE]))
    except OperationalError as slow:
        raise TooMuchAtOnce(_("Counting takes too long. Ask for less at once.")) from slow
