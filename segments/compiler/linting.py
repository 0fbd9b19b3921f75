"""Everything that is odd about a rule: as it is written, by whom it finds, beside the others."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from consent.models import Purpose
from segments.compiler.counting import Funnel
from segments.enums import Flaw
from segments.models import Segment
from segments.queries import same_as
from segments.rules import Rule
from segments.rules.linting import Finding, findings, findings_of_counts


def lint(
    rule: Rule,
    *,
    counted: Funnel,
    purpose: Purpose,
    at: datetime,
    besides: Segment | None = None,
) -> list[Finding]:
    """Return what is odd about a rule that was ``counted``.

    ``besides`` is the segment that it is meant for: a segment is no copy of itself.
    """
    written = findings(rule, at=at, zone=ZoneInfo(settings.SHOP_TIME_ZONE))
    impossible = {one.flaw for one in written} & {Flaw.NEVER, Flaw.ALWAYS}
    # Why nobody is found says more than that nobody is.
    found = findings_of_counts(rule, counted.counts, everybody=counted.everybody)
    return [
        *written,
        *(() if impossible else found),
        *_twins(rule, purpose=purpose, besides=besides),
    ]


def _twins(rule: Rule, *, purpose: Purpose, besides: Segment | None) -> list[Finding]:
    return [
        Finding(Flaw.TWIN, _("“%(name)s” has the same rule.") % {"name": twin})
        for twin in same_as(rule, purpose=purpose, besides=besides)
    ]
