"""Whose addresses of a segment may be passed on to an advertising platform."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from common.errors import DomainError
from consent.enums import Channel
from consent.models import Purpose
from consent.queries.predicate import nothing_against, objections, with_permission
from consent.queries.reach import Reach, funnel
from customers.enums import Category
from customers.models import Customer
from segments.compiler.conditions import People
from segments.compiler.previewing import SECONDS_TO_COUNT, TooMuchAtOnce
from segments.compiler.selecting import matching
from segments.enums import BY_DATA, Identifier
from segments.models import Segment
from segments.queries import patience, rule_of, stays

SHARING = "third_party_sharing"
# Whoever lets us pass on an address says by which channel it may be used.
CHANNELS = {Identifier.EMAIL: Channel.EMAIL, Identifier.PHONE: Channel.SMS}


class SensitiveAudience(DomainError):
    code = "sensitive_audience"
    status = 422


@dataclass(frozen=True)
class Sharing:
    """What passing a segment on asks of each person: for sharing, all data that chose them.

    To be on the list says what the rule asks: whoever knows the list knows that of them.
    """

    segment: Segment
    purpose: Purpose
    using: frozenset[Category]
    at: datetime

    def allowed(self, identifier: Identifier) -> Q:
        """Return, of customers ``with_permission``, whose address may be passed on."""
        channel = CHANNELS[identifier]
        return nothing_against(objections(self.purpose, channel, self.using, at=self.at))

    def members(self, among: People | None = None) -> QuerySet[Customer]:
        """Return the members as the rule is asked now, of all or of ``among``."""
        standing = stays(self.segment)
        if among is not None:
            standing = standing.filter(customer__in=among)
        meant = matching(
            rule_of(self.segment), purpose=self.segment.purpose, at=self.at, among=among
        )
        kept = standing.filter(~Q(cause__in=BY_DATA) | Q(customer__in=meant.values("pk")))
        return Customer.objects.filter(pk__in=kept.values("customer"))

    def addresses(
        self, identifiers: Collection[Identifier], among: People | None = None
    ) -> QuerySet[Any, Any]:
        """Return those of whom an address may be passed on, as ``told_email`` and ``told_phone``.

        Each is empty where it may not.
        """
        people = with_permission(self.members(among), purpose=self.purpose)
        told = {
            f"told_{one.value}": self._told(one) if one in identifiers else Value("")
            for one in Identifier
        }
        some = Q(*(Q(**{f"{name}__gt": ""}) for name in told), _connector=Q.OR)
        return people.annotate(**told).filter(some)

    def reach(self, identifier: Identifier) -> Reach:
        """Count the members by the first reason why the address stays. Raises TooMuchAtOnce."""
        try:
            with patience(SECONDS_TO_COUNT):
                return funnel(
                    self.members(),
                    purpose=self.purpose,
                    channel=CHANNELS[identifier],
                    using=self.using,
                    at=self.at,
                )
        except OperationalError as slow:
            raise TooMuchAtOnce(_("Counting takes too long. Ask for less at once.")) from slow

    def _told(self, identifier: Identifier) -> Case:
        address = When(self.allowed(identifier), then=F(identifier.value))
        return Case(address, default=Value(""), output_field=CharField())


def sharing_of(segment: Segment, *, at: datetime) -> Sharing:
    """Return what passing the segment on asks. Raises BadRule and SensitiveAudience."""
    using = rule_of(segment).categories | {Category.CONTACT}
    if Category.SENSITIVE in using:
        raise SensitiveAudience(
            _(
                "This segment asks for something sensitive, such as health or religion: whoever "
                "is in it is told to nobody else."
            )
        )
    return Sharing(segment, Purpose.objects.get(pk=SHARING), using, at)
