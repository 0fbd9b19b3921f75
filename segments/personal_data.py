"""What this app holds about people; what a merge and an erasure make of it."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from customers.models import Customer
from customers.rules.erasing import DELETED, ErasePart, blanked, kept
from customers.rules.merging import Holding, MergePart, Merging
from customers.rules.package import DECISIONS, SHARING, Item, PackagePart
from segments.enums import Identifier
from segments.models import Disclosure, Due, Handpick, Membership, Profile
from segments.operations.leaving import after_merge, after_parting, before_merge, end_stays
from segments.queries import sentence_of, traits

HOLDINGS = [
    Holding(
        Membership,
        Category.INFERRED,
        kept(_("They leave every segment; that somebody was in it is kept for its history.")),
    ),
    # Both records may have been in one file.
    Holding(
        Disclosure,
        Category.CONTACT,
        kept(_("That an address was passed on is kept as proof, without the address.")),
        once=("export",),
    ),
    Holding(Profile, Category.IDENTITY, DELETED, merging=Merging.REWRITTEN),
    # Whoever is merged away is asked once more, and then no more.
    Holding(Due, Category.IDENTITY, DELETED, merging=Merging.STAYS),
    Holding(
        Handpick,
        Category.INFERRED,
        blanked("reason", because=_("Who was added or removed by hand is kept with the history.")),
    ),
]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    theirs = Membership.objects.filter(customer=survivor, left_at=None).values("segment")
    names = Membership.objects.filter(customer=loser, left_at=None).exclude(segment__in=theirs)
    if found := list(names.order_by("segment__name").values_list("segment__name", flat=True)):
        yield gettext("Joins, until the rule is asked again: %(segments)s.") % {
            "segments": ", ".join(found)
        }


MERGE_PARTS = [
    MergePart(foresee=_foresee, before=before_merge, join=after_merge, part=after_parting)
]
ERASE_PARTS = [ErasePart(erase=end_stays)]


def _segments(people: Collection[int], at: datetime) -> Iterator[Item]:
    """Return the segments the person was put in by a rule, with the rule in words."""
    known = traits()
    stays = Membership.objects.filter(customer__in=people).select_related("segment__purpose")
    for stay in stays.order_by("pk"):
        yield {
            "decision": "segment",
            "name": stay.segment.name,
            "purpose": str(stay.segment.purpose),
            "rule": sentence_of(stay.segment, known),
            "from": stay.entered_at,
            "until": stay.left_at,
        }


def _by_hand(people: Collection[int], at: datetime) -> Iterator[Item]:
    """Return what somebody decided about the person in a segment, and why."""
    picks = Handpick.objects.filter(customer__in=people).select_related("segment__purpose")
    for pick in picks.order_by("pk"):
        yield {
            "decision": "segment_by_hand",
            "name": pick.segment.name,
            "purpose": str(pick.segment.purpose),
            "what": pick.get_word_display(),
            "reason": pick.reason,
            "from": pick.decided_at,
            "until": pick.ended_at,
        }


def _passed_on(people: Collection[int], at: datetime) -> Iterator[Item]:
    """Return which advertising platforms were handed the person's address, as a hash."""
    for told in Disclosure.objects.filter(customer__in=people).order_by("told_at", "pk"):
        with_what = {Identifier.EMAIL: told.with_email, Identifier.PHONE: told.with_phone}
        yield {
            "recipient": told.get_platform_display(),
            "how": gettext("as a hash (SHA-256)"),
            "what": ", ".join(str(it.label) for it, was in with_what.items() if was),
            "at": told.told_at,
        }


PACKAGE_PARTS = [
    PackagePart(
        DECISIONS, _("what was decided about you by rules, and by which"), _segments, Membership
    ),
    PackagePart(DECISIONS, _("what was decided about you by hand, and why"), _by_hand, Handpick),
    PackagePart(SHARING, _("who was told what about you, and when"), _passed_on, Disclosure),
]
