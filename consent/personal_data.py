"""What this app holds about people; of two answers of one person the stricter stands."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from consent.enums import Channel
from consent.models import ConsentEvent, Permission, Purpose
from consent.operations.merges import Scope, disagreements, gained, join, part
from customers.enums import Category
from customers.models import Customer
from customers.rules.merging import Holding, MergePart, Merging

HOLDINGS = [
    Holding(ConsentEvent, Category.IDENTITY),
    Holding(Permission, Category.IDENTITY, merging=Merging.REWRITTEN),
]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    refusals: dict[Customer, list[Scope]] = {}
    for conflict in disagreements(survivor, loser):
        refusals.setdefault(conflict.refused_by, []).append(conflict.scope)
    for person, scopes in refusals.items():
        yield _("Refused, because %(person)s refused it: %(scopes)s.") % {
            "person": person.external_id,
            "scopes": _named(scopes),
        }
    if scopes := gained(survivor, loser):
        yield _("Allowed, because %(person)s allowed it: %(scopes)s.") % {
            "person": loser.external_id,
            "scopes": _named(scopes),
        }


def _named(scopes: Iterable[Scope]) -> str:
    purposes = Purpose.objects.in_bulk()
    return ", ".join(
        f"{Channel(scope.channel).label if scope.channel else Category(scope.category).label}"
        f" ({purposes[scope.purpose]})"
        for scope in scopes
    )


MERGE_PARTS = [MergePart(foresee=_foresee, join=join, part=part)]
