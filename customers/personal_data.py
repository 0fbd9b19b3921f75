"""What this app holds about people; what a merge and an erasure make of it."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.templatetags.clientela import money, whole
from customers.enums import Category
from customers.models import (
    Cart,
    Case,
    Customer,
    CustomerMetrics,
    DuplicateCandidate,
    Erasure,
    ErasureRequest,
    Event,
    Merge,
    Note,
    Order,
    OrderLine,
    PersonKey,
    SurveyAnswer,
    WebhookDelivery,
)
from customers.operations.leftovers import forget_leftovers
from customers.rules.erasing import DELETED, SAID_OF_A_PERSON, ErasePart, blanked, kept
from customers.rules.merging import Holding, MergePart, Merging
from customers.rules.package import SHARING, Item, PackagePart

BOOKS = _("Orders and amounts stay in the shop's books; nothing in them says whose they are.")
MERGES = _("That two records were one is kept; what they said is not.")

HOLDINGS = [
    # Whoever was merged into the loser before is the survivor's now.
    Holding(
        Customer,
        Category.IDENTITY,
        blanked(*SAID_OF_A_PERSON, because=_("An empty record stays, so that the books add up.")),
        person="merged_into",
    ),
    Holding(Order, Category.PURCHASE, kept(BOOKS)),
    Holding(
        OrderLine,
        Category.PURCHASE,
        kept(BOOKS),
        person="order__customer",
        merging=Merging.FOLLOWS,
    ),
    Holding(Cart, Category.PURCHASE, DELETED),
    Holding(
        Case,
        Category.CONTACT,
        blanked(
            *("subject", "text", "resolution"),
            because=_("That there was a case, and when, is kept for the shop's figures."),
        ),
    ),
    # Without it nobody reads what was sealed about them, wherever a copy lies.
    Holding(PersonKey, Category.IDENTITY, DELETED, merging=Merging.STAYS),
    Holding(Note, Category.CONTACT, DELETED),
    Holding(
        SurveyAnswer,
        Category.CONTACT,
        blanked("comment", because=_("The score is kept for the shop's figures.")),
    ),
    Holding(
        Event,
        None,
        blanked(
            "data",
            because=_("That something happened, and when, is kept for the shop's figures."),
            written_once=True,
        ),
    ),
    Holding(CustomerMetrics, Category.PURCHASE, kept(BOOKS), merging=Merging.REWRITTEN),
    *(
        Holding(DuplicateCandidate, Category.IDENTITY, DELETED, person=side, merging=Merging.STAYS)
        for side in ("first", "second")
    ),
    *(
        Holding(
            Merge,
            Category.IDENTITY,
            blanked("before", "notes", because=MERGES),
            person=side,
            merging=Merging.STAYS,
        )
        for side in ("survivor", "loser")
    ),
    Holding(
        Erasure,
        Category.IDENTITY,
        kept(_("The number is kept as a keyed hash, so that the person cannot come back by it.")),
        merging=Merging.STAYS,
    ),
    # Why is sealed with the person's key, which goes.
    Holding(
        ErasureRequest,
        Category.IDENTITY,
        kept(_("Who asked for the erasure and who approved it is kept, without why.")),
        merging=Merging.STAYS,
    ),
]


def _foresee(survivor: Customer, loser: Customer, at: datetime) -> Iterator[str]:
    both = CustomerMetrics.objects.filter(customer__in=(survivor, loser), order_count__gt=0)
    counted = list(both.values_list("order_count", "spend"))
    if len(counted) == 2:
        orders, spend = (sum(values) for values in zip(*counted, strict=True))
        yield gettext("Together %(orders)s orders and a spend of %(spend)s.") % {
            "orders": whole(orders),
            "spend": money(spend),
        }


MERGE_PARTS = [MergePart(foresee=_foresee)]
ERASE_PARTS = [ErasePart(erase=forget_leftovers)]


def _told_to_servers(people: Collection[int], at: datetime) -> Iterator[Item]:
    """Return what webhooks told of the person, to whom and when."""
    theirs = Event.objects.filter(customer__in=people).values("pk")
    told = WebhookDelivery.objects.filter(event_id__in=theirs).exclude(delivered_at=None)
    for delivery in told.select_related("subscription").order_by("delivered_at", "pk"):
        yield {
            "recipient": delivery.subscription.name,
            "how": "webhook",
            "what": delivery.kind,
            "at": delivery.delivered_at,
        }


PACKAGE_PARTS = [
    PackagePart(SHARING, _("who was told what about you, and when"), _told_to_servers, Event)
]
