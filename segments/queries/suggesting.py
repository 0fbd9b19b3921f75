"""Values found in the data, for whoever types what a rule asks."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.db.models import Func, Model, QuerySet

from customers.models import Customer, Product
from customers.queries.search import plain
from segments.rules import Trait
from segments.rules.categories import upwards

MOST_SUGGESTIONS = 20
MOST_VALUES = 10_000


def suggestions(trait: Trait, *, text: str, narrowed_by: str = "") -> list[tuple[str, str]]:
    """Return a few values of the trait, or of a filter of its rows, that contain the text.

    Beside each stands what people call it, by which a code is found as well.
    """
    name = narrowed_by or trait.by
    details = trait.rows.details if trait.rows else {}
    suggest = details[name].suggest if name in details else trait.suggest
    if suggest is None:
        return []
    if trait.called is None or name in details:
        return [(value, value) for value in suggest(text)]
    known = dict.fromkeys([*suggest(text), *suggest("")])
    named = [(value, f"{trait.called(value)} ({value})") for value in known]
    return [(value, label) for value, label in named if plain(text) in plain(label)]


def values_of(field: str, text: str) -> list[str]:
    """Return a few values of a customer's text field that contain the text, accents or not."""
    known = Customer.objects.present().filter(**{f"{field}__gt": ""})
    return _some(known.order_by(field).values_list(field, flat=True).distinct(), text)


def cities(text: str) -> list[str]:
    """Return a few cities, each with its country as in "Porto, PT", that contain the text."""
    told = Customer.objects.present().filter(city__gt="", country__gt="")
    named = told.values_list("city", "country").order_by("city", "country").distinct()
    return _some((f"{city}, {country}" for city, country in named[:MOST_VALUES]), text)


def known_values(model: type[Model], field: str, text: str) -> list[str]:
    """Return a few values of a column, among those of the newest rows, that contain the text."""
    newest = model._default_manager.order_by("-pk").values_list(field, flat=True)[:MOST_VALUES]
    return _some(sorted({value for value in newest if value}), text)


def skus(text: str) -> list[str]:
    """Return a few product numbers that contain the text."""
    return _some(Product.objects.order_by("sku").values_list("sku", flat=True), text)


def product_names(text: str) -> list[str]:
    """Return a few names of products that contain the text."""
    return _some(Product.objects.order_by("name").values_list("name", flat=True).distinct(), text)


def interests(text: str) -> list[str]:
    """Return a few interests that contain the text."""
    told = Customer.objects.present().annotate(interest=Func("interests", function="unnest"))
    return _some(told.order_by("interest").values_list("interest", flat=True).distinct(), text)


def product_categories(text: str) -> list[str]:
    """Return a few category paths that contain the text: "Grocery" before "Grocery > Dairy"."""
    paths = Product.objects.filter(category__gt="").values_list("category", flat=True).distinct()
    return _some(sorted({above for path in paths[:MOST_VALUES] for above in upwards(path)}), text)


def _some(values: Iterable[str] | QuerySet[Any, str], text: str) -> list[str]:
    """Keep what contains the text.

    Comparing here, after DISTINCT, spares the database to strip a million accents.
    """
    if isinstance(values, QuerySet):
        values = values[:MOST_VALUES]
    wanted = plain(text.strip())
    found = (value for value in values if wanted in plain(value))
    return list(islice(found, MOST_SUGGESTIONS))
