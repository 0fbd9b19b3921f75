"""What one person's choices add up to, and what may be used of them, purpose by purpose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consent.enums import Channel, Verdict
from consent.models import Permission, Purpose
from consent.queries.predicate import (
    first_objection,
    objections,
    objections_to_data,
    with_permission,
)
from customers.enums import Category
from customers.models import Customer


@dataclass(frozen=True)
class Verdicts:
    """What one purpose may use of a person, and why not."""

    purpose: Purpose
    channels: dict[Channel, Verdict]
    categories: dict[Category, Verdict]


def verdicts(customer: Customer, *, at: datetime) -> list[Verdicts]:
    """Judge every channel and every kind of data by itself, in one query for each purpose."""
    purposes = Purpose.objects.order_by("code")
    return [_verdicts(customer, purpose, at=at) for purpose in purposes]


def _verdicts(customer: Customer, purpose: Purpose, *, at: datetime) -> Verdicts:
    channels = {f"by_{channel.value}": channel for channel in Channel}
    categories = {f"using_{category.value}": category for category in Category}
    found = (
        with_permission(Customer.objects.filter(pk=customer.pk), purpose=purpose)
        .annotate(
            **{
                name: first_objection(objections(purpose, channel, (), at=at))
                for name, channel in channels.items()
            },
            **{
                name: first_objection(objections_to_data(purpose, category, at=at))
                for name, category in categories.items()
            },
        )
        .values(*channels, *categories)
        .get()
    )
    return Verdicts(
        purpose=purpose,
        channels={channel: Verdict(found[name]) for name, channel in channels.items()},
        categories={category: Verdict(found[name]) for name, category in categories.items()},
    )


def answer_of(permission: Permission | None, scope: Channel | Category) -> bool | None:
    """Return what somebody answered, as it is written; None is "never asked".

    Whether something may be used is for ``consent.queries.predicate`` to say.
    """
    kind = "channel" if isinstance(scope, Channel) else "data"
    return getattr(permission, f"{kind}_{scope.value}") if permission else None


@dataclass(frozen=True)
class Standing:
    """What a person's choices for one purpose add up to; None is "never asked"."""

    purpose: Purpose
    channels: list[tuple[Channel, bool | None]]
    categories: list[tuple[Category, bool | None]]


def standings(purposes: Iterable[Purpose], permissions: Iterable[Permission]) -> list[Standing]:
    """Return what one person's permissions say of each purpose, with or without an answer."""
    given = {row.purpose_id: row for row in permissions}
    return [
        Standing(
            purpose=purpose,
            channels=[(channel, answer_of(given.get(purpose.pk), channel)) for channel in Channel],
            categories=[
                (category, answer_of(given.get(purpose.pk), category)) for category in Category
            ],
        )
        for purpose in purposes
    ]
