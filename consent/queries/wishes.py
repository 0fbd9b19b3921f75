"""What people wish, and who is not to be reminded of something."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from consent.enums import Occasion, TopicKind
from consent.models import MutedTopic, Wish
from consent.rules.wishes import BETWEEN, Topic, Wishes
from customers.models import Customer, Product


def wishes_of(customer: Customer) -> Wishes:
    wish = Wish.objects.filter(customer=customer).first()
    return Wishes(
        paused_until=wish.paused_until if wish else None,
        at_most_every_days=wish.at_most_every_days if wish else None,
        muted=frozenset(it.topic for it in MutedTopic.objects.filter(customer=customer)),
    )


def has_muted(topics: Collection[Topic], *, customer: str = "pk") -> Exists:
    """Say of each row whether its customer (by the path to the id) muted one of the topics.

    ``consent.rules.wishes.topics_of`` gives the topics of a product with all above it.
    """
    named = Q(pk__in=[])
    for topic in topics:
        named |= Q(kind=topic.kind, value=topic.value)
    return Exists(MutedTopic.objects.filter(named, customer=OuterRef(customer)))


def product_names(skus: Collection[str]) -> dict[str, str]:
    return dict(Product.objects.filter(sku__in=skus).values_list("sku", "name"))


def known_topics(topics: Collection[Topic]) -> set[Topic]:
    """Keep those that name a product or a product category of the shop, or an occasion."""
    named = {kind: [it.value for it in topics if it.kind == kind] for kind in TopicKind}
    return {
        *(Topic(TopicKind.PRODUCT, sku) for sku in product_names(named[TopicKind.PRODUCT])),
        *(
            Topic(TopicKind.CATEGORY, path)
            for path in filter(_is_category, named[TopicKind.CATEGORY])
        ),
        *(
            Topic(TopicKind.OCCASION, it)
            for it in named[TopicKind.OCCASION]
            if it in Occasion.values
        ),
    }


def _is_category(path: str) -> bool:
    below = Q(category=path) | Q(category__startswith=path + BETWEEN)
    return Product.objects.filter(below).exists()
