"""What this app holds about people; of two answers of one person the stricter stands."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common.templatetags.clientela import whole
from consent.enums import Channel
from consent.models import (
    ConsentEvent,
    InboundMessage,
    MutedTopic,
    Package,
    PendingOptIn,
    Permission,
    Purpose,
    Restriction,
    SubjectRequest,
    Wish,
)
from consent.operations import wishes
from consent.operations.erasing import (
    block_addresses,
    close_requests,
    forget_waiting,
    others_reached_there,
)
from consent.operations.merges import Scope, disagreements, gained, join, part
from consent.operations.packages import remove_files
from consent.queries.receipts import receipt_of
from customers.enums import Category
from customers.models import Customer
from customers.rules.erasing import DELETED, ErasePart, kept
from customers.rules.merging import Holding, MergePart, Merging
from customers.rules.package import CONSENTS, Item, PackagePart

PROOF = _("The choices are kept, without a name, to prove what was allowed when.")

ASKED = _("That somebody asked, and when it was answered, is kept to prove that it was.")

HOLDINGS = [
    # What was said is sealed with the person's key, which goes.
    Holding(SubjectRequest, Category.IDENTITY, kept(ASKED), once=("kind",)),
    Holding(Package, Category.IDENTITY, DELETED),
    Holding(ConsentEvent, Category.IDENTITY, kept(PROOF)),
    Holding(Permission, Category.IDENTITY, kept(PROOF), merging=Merging.REWRITTEN),
    Holding(PendingOptIn, Category.CONTACT, DELETED),
    Holding(InboundMessage, Category.CONTACT, DELETED),
    Holding(Restriction, Category.IDENTITY, DELETED),
    Holding(Wish, Category.CONTACT, DELETED, merging=Merging.REWRITTEN),
    Holding(MutedTopic, Category.CONTACT, DELETED, once=("kind", "value")),
]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    refusals: dict[Customer, list[Scope]] = {}
    for conflict in disagreements(survivor, loser):
        refusals.setdefault(conflict.refused_by, []).append(conflict.scope)
    for person, scopes in refusals.items():
        yield gettext("Refused, because %(person)s refused it: %(scopes)s.") % {
            "person": person.external_id,
            "scopes": _named(scopes),
        }
    if scopes := gained(survivor, loser):
        yield gettext("Allowed, because %(person)s allowed it: %(scopes)s.") % {
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


MERGE_PARTS = [
    MergePart(foresee=_foresee, join=join, part=part),
    MergePart(join=wishes.join, part=wishes.part),
]


def _foresee_leaving(people: Sequence[Customer], at: datetime) -> Iterator[str]:
    if any(person.email or person.phone for person in people):
        yield gettext(
            "The e-mail and phone are blocked by their hash: nobody writes there any more."
        )
    if count := others_reached_there(people):
        yield ngettext(
            "%(count)s other customer shares an address, and is not written to there either.",
            "%(count)s other customers share an address, and are not written to there either.",
            count,
        ) % {"count": whole(count)}


ERASE_PARTS = [
    ErasePart(foresee=_foresee_leaving, erase=block_addresses),
    ErasePart(erase=forget_waiting),
    ErasePart(erase=close_requests),
    ErasePart(erase=remove_files),
]


def _receipts(people: Collection[int], at: datetime) -> Iterator[Item]:
    related = ("purpose", "collection_point", "notice_text__version")
    events = ConsentEvent.objects.filter(customer__in=people).select_related(*related)
    for event in events.order_by("pk"):
        yield receipt_of(event).as_json()


PACKAGE_PARTS = [
    PackagePart(
        CONSENTS, _("what you chose, with the texts (ISO/IEC TS 27560)"), _receipts, ConsentEvent
    )
]
