"""The files of segments, and of who is in one."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from common.exports import Column, Table
from consent.exports import purpose_name
from customers.models import Customer
from segments.compiler import matching, permitted
from segments.enums import BY_DATA
from segments.models import Membership, Segment
from segments.queries import rule_of, stays, stays_as_of

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


MEMBERS_THEN = Table(
    Membership,
    ("customer__external_id", "customer__first_name", "customer__last_name", "customer__city",
     "entered_at", "left_at", "cause"),
)  # fmt: skip


def still_members(segment: Segment, *, at: datetime) -> QuerySet[Membership]:
    """Return the stays of those whom the rule means as it is asked now, permissions included.

    A membership can be minutes old; who has just withdrawn leaves in no file. Raises BadRule.
    """
    meant = matching(rule_of(segment), purpose=segment.purpose, at=at)
    return _of(stays(segment), meant)


def members_then(segment: Segment, *, as_of: datetime, at: datetime) -> QuerySet[Membership]:
    """Return the stays of who was in the segment, of whom what chose them may be used now.

    Raises BadRule.
    """
    return _of(stays_as_of(segment, as_of), permitted(segment, at=at))


def _of(stays: QuerySet[Membership], people: QuerySet[Customer]) -> QuerySet[Membership]:
    """Keep the stays of these customers, and of whoever was not chosen by data."""
    return stays.filter(~Q(cause__in=BY_DATA) | Q(customer__in=people.values("pk")))
