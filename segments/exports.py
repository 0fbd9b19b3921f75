"""The files of segments, and of who is in one."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from common.exports import Column, Table
from consent.exports import purpose_name
from segments.compiler import matching
from segments.enums import Cause
from segments.models import Membership, Segment
from segments.queries import stays, traits
from segments.rules import read_rule

SEGMENTS = Table(
    Segment,
    (
        "name", "description", purpose_name, Column(_("Members"), ("member_count",)),
        "refreshed_at", "created_at", "changed_at",
    ),
    personal=False,
)  # fmt: skip

# What the segment's page shows of a member: no address, which only sending asks for.
MEMBERS = Table(
    Membership,
    ("customer__external_id", "customer__first_name", "customer__last_name", "customer__city",
     "entered_at", "cause"),
)  # fmt: skip


def still_members(segment: Segment, *, at: datetime) -> QuerySet[Membership]:
    """Return the stays of those whom the rule means as it is asked now, permissions included.

    A membership can be minutes old; who has just withdrawn leaves in no file. Raises BadRule.
    """
    meant = matching(read_rule(segment.rule, traits()), purpose=segment.purpose, at=at)
    by_rule = Q(cause=Cause.RULE)
    return stays(segment).filter(~by_rule | Q(customer__in=meant.values("pk")))
