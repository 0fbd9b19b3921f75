"""Which goods say something that many keep to themselves."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q

from common.statements import prepared
from customers.models import Product, SensitiveDecision, SensitiveTopic

MOST_OFFERED = 2000

# A category is sensitive by its words or by decision, and where nothing else is sold in it:
# whoever names the category then names the goods. What is below a path stands in the index
# between "path > " and "path >!", for "!" comes next after the blank.
WITHIN = """
    SELECT FROM customers_product WHERE (
        category = told.path
        OR category ~>=~ (told.path || ' > ') AND category ~<~ (told.path || ' >!')
    )
"""
ANY_SENSITIVE = f"""
    SELECT EXISTS (
        SELECT FROM unnest(%s::text[]) AS told(path)
        WHERE is_sensitive(told.path) OR (
            NOT EXISTS (SELECT FROM customers_sensitivedecision known WHERE known.path = told.path)
            AND EXISTS ({WITHIN}) AND NOT EXISTS ({WITHIN} AND NOT sensitive)
        )
    )
"""  # noqa: S608 -- our own words


def any_sensitive(paths: Collection[str]) -> bool:
    """Say whether one of the categories, each with all below it, is about something sensitive."""
    with connection.cursor() as cursor:
        cursor.execute(ANY_SENSITIVE, [list(paths)])
        (found,) = cursor.fetchone()
    return bool(found)


# Of what an event calls goods by: the number of a product, or else words as of a category.
IS_GOOD_TO_HIDE = """
    coalesce(
        (SELECT sensitive FROM customers_product WHERE sku = told.value), is_sensitive(told.value)
    )
"""


def sensitive_among(names: Collection[str]) -> set[str]:
    """Return which of these, numbers of products or words, are about something sensitive."""
    with prepared() as cursor:
        cursor.execute(
            f"SELECT value FROM unnest(%s::text[]) AS told(value) WHERE {IS_GOOD_TO_HIDE}",  # noqa: S608
            [list(names)],
        )
        return {name for (name,) in cursor.fetchall()}


def any_sensitive_named(words: Collection[str]) -> bool:
    """Say whether the name of something sensitive contains one of these, capitals or not."""
    named = Q()
    for word in words:
        named |= Q(name__icontains=word)
    return Product.objects.filter(named, sensitive=True).exists()


@dataclass(frozen=True)
class Touched:
    """A category with the number of its goods that a topic finds."""

    path: str
    products: int


TOUCHED = """
    SELECT topic.code, product.category, count(*)
    FROM customers_sensitivetopic topic
    JOIN customers_product product ON product.sensitive
        AND lexicon_words(product.category) || lexicon_words(product.name)
            ~ (' (' || array_to_string(topic.words_pt_br || topic.words_en, '|') || ') ')
    WHERE topic.is_active AND cardinality(topic.words_pt_br || topic.words_en) > 0
    GROUP BY topic.code, product.category ORDER BY product.category
"""


def touched_by_topic() -> dict[str, list[Touched]]:
    """Return the categories whose goods each topic in use marks, by the topic's code."""
    found: dict[str, list[Touched]] = {}
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED)
        for code, path, products in cursor.fetchall():
            found.setdefault(code, []).append(Touched(path, products))
    return found


def topics() -> list[SensitiveTopic]:
    """Return all topics by their name, those in use first."""
    found = list(SensitiveTopic.objects.all())
    return sorted(found, key=lambda topic: (not topic.is_active, str(topic)))


def decisions() -> list[SensitiveDecision]:
    return list(SensitiveDecision.objects.select_related("decided_by").order_by("path"))


def product_categories() -> list[str]:
    """Return all categories in use, those above them included, to choose from."""
    paths = Product.objects.filter(category__gt="").values_list("category", flat=True).distinct()
    found = {
        " > ".join(steps[:depth])
        for steps in (path.split(" > ") for path in paths[:MOST_OFFERED])
        for depth in range(1, len(steps) + 1)
    }
    return sorted(found)


def sensitive_count() -> int:
    return Product.objects.filter(sensitive=True).aggregate(found=Count("pk"))["found"]
