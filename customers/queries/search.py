"""Find anyone: by name, e-mail, phone in any notation, customer number or order number."""

import unicodedata

from django.conf import settings
from django.db.models import Q, QuerySet, Subquery

from customers.models import Customer, Order
from customers.rules import normal_email, normal_phone


def matching(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Narrow to the customers whom ``text`` may mean; every way of asking has its index.

    An exact e-mail, phone, customer or order number; otherwise every word is part of the name.
    """
    text = text.strip()
    exact = Q(external_id=text)
    if "@" in text:
        return customers.filter(exact | Q(email=normal_email(text)))
    if phone := normal_phone(text, country=settings.SHOP_COUNTRY):
        exact |= Q(phone=phone)
    # An order has one customer: equality, unlike IN, lets the index of each condition be used.
    exact |= Q(pk=Subquery(Order.objects.filter(external_id=text).values("customer")))
    if any(character.isdigit() for character in text):
        return customers.filter(exact)
    words = Q()
    for word in plain(text).split():
        words &= Q(plain_name__contains=word)
    return customers.filter(words)


def find(text: str, *, limit: int = 8) -> list[Customer]:
    """Return the customers whom ``text`` may mean, by name; none for an empty text."""
    if not text.strip():
        return []
    return list(matching(Customer.objects.present(), text).order_by("plain_name", "id")[:limit])


def plain(text: str) -> str:
    """Return the text as ``plain_name`` is stored: lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
