"""Ctrl-K: whatever the person at the keyboard may open, found by a few letters."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Offer, Voucher
from campaigns.queries.vouchers import find_by_code
from config.dashboard import STARTS
from config.navigation import Person, may_add, may_view, pages_open_to
from customers.forms import told_by
from customers.models import Customer, Order
from customers.queries import search
from segments.models import Segment

MOST_PEOPLE = 8
MOST_OF_A_KIND = 4

# Found by a part of their names; tables that people fill by hand stay small.
NAMED = {Segment: "filter_alt", Campaign: "campaign", Offer: "sell"}


@dataclass(frozen=True)
class Hit:
    title: str
    description: str
    link: str
    icon: str


def hits(request: HttpRequest, text: str) -> list[Hit]:
    found = [
        # An order's number also finds its customer, who is not what was asked for.
        *_orders(request.user, text),
        *_customers(request.user, text),
        *_voucher(request.user, text),
        *_named(request.user, text),
        *_starts(request.user, text),
        *_pages(request.user, text),
    ]
    if found and not _may_miss(text.strip(), found):
        return found
    return [*found, *_newcomer(request.user, text)]


def _may_miss(text: str, found: list[Hit]) -> bool:
    """Say whether these may only resemble who is looked for: a whole name, and nobody's."""
    names = {search.plain(hit.title) for hit in found}
    return " " in text and search.plain(text) not in names


def _customers(user: Person, text: str) -> Iterator[Hit]:
    if not may_view(user, Customer):
        return
    for customer in search.find(text, limit=MOST_PEOPLE):
        page = reverse("admin:customers_customer_profile", args=[customer.pk])
        known_by = customer.email or customer.phone or customer.external_id
        yield Hit(str(customer), known_by, page, "person")


def _newcomer(user: Person, text: str) -> Iterator[Hit]:
    """Offer to add whoever was looked for: a prospect in a chat is seldom there yet."""
    if may_add(user, Customer) and told_by(text):
        label = _("Add “%(text)s” as a customer") % {"text": text.strip()}
        # Django's own note of what a list was searched for: the form reads it from there.
        searched = urlencode({"_changelist_filters": urlencode({"q": text.strip()})})
        page = f"{reverse('admin:customers_customer_add')}?{searched}"
        yield Hit(label, _("What you typed already stands in the form."), page, "person_add")


def _voucher(user: Person, text: str) -> Iterator[Hit]:
    """Find the one voucher with this code; parts of codes find nothing, so nobody can guess."""
    if may_view(user, Voucher) and (voucher := find_by_code(text)):
        yield Hit(str(voucher), str(voucher.offer), _page_of(voucher), "confirmation_number")


def _named(user: Person, text: str) -> Iterator[Hit]:
    for model, icon in NAMED.items():
        if may_view(user, model):
            kind = capfirst(str(model._meta.verbose_name))
            found = model._default_manager.filter(name__icontains=text).order_by("name")
            for thing in found[:MOST_OF_A_KIND]:
                yield Hit(str(thing), kind, _page_of(thing), icon)


def _orders(user: Person, text: str) -> Iterator[Hit]:
    if may_view(user, Order):
        for order in Order.objects.filter(external_id=text.strip()).select_related("customer"):
            yield Hit(str(order), str(order.customer), _page_of(order), "shopping_cart")


def _starts(user: Person, text: str) -> Iterator[Hit]:
    for start in STARTS:
        if may_add(user, start.model) and text.casefold() in str(start.label).casefold():
            yield Hit(str(start.label), str(start.hint), reverse(start.url_name), start.icon)


def _pages(user: Person, text: str) -> Iterator[Hit]:
    for section, page in pages_open_to(user):
        if text.casefold() in str(page.title).casefold():
            yield Hit(str(page.title), str(section.title), page.link, page.icon)


def _page_of(thing: Model) -> str:
    meta = thing._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[thing.pk])
