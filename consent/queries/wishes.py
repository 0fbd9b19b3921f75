"""What people wish, and who is not to be reminded of something."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, F, Func, OuterRef, Q, TextField, Value
from django.utils.functional import Promise

from consent.enums import Occasion, TopicKind
from consent.models import MutedTopic, Wish
from consent.rules.wishes import BETWEEN, Topic, Wishes
from customers.models import Customer, Product

MOST_SHOWN = 40
MOST_FOUND = 10


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


@dataclass(frozen=True)
class TopicBox:
    """A topic that can be muted on the person's page."""

    topic: Topic
    label: str | Promise
    is_muted: bool

    @property
    def name(self) -> str:
        return f"{self.topic.kind.value}:{self.topic.value}"


def topic_boxes(wishes: Wishes, *, looking_for: str = "") -> dict[TopicKind, list[TopicBox]]:
    """Return what can be muted: occasions, the widest categories, and products looked for.

    What is muted already is always among them.
    """
    muted = {
        kind: [it.value for it in sorted(wishes.muted) if it.kind == kind] for kind in TopicKind
    }
    categories = dict.fromkeys([*widest_categories(), *muted[TopicKind.CATEGORY]])
    products = {**product_names(muted[TopicKind.PRODUCT]), **products_called(looking_for)}
    named: dict[TopicKind, dict[str, str | Promise]] = {
        TopicKind.OCCASION: {it.value: it.label for it in Occasion},
        TopicKind.CATEGORY: {path: path for path in categories},
        TopicKind.PRODUCT: {**products},
    }
    return {
        kind: [
            TopicBox(Topic(kind, value), label, is_muted=Topic(kind, value) in wishes.muted)
            for value, label in labels.items()
        ]
        for kind, labels in named.items()
    }


def widest_categories() -> list[str]:
    """Return the first word of every category's path, in order."""
    first = Func(
        F("category"), Value(BETWEEN), Value(1), function="split_part", output_field=TextField()
    )
    found = Product.objects.exclude(category="").values_list(first, flat=True).distinct()
    return sorted(found)[:MOST_SHOWN]


def products_called(text: str) -> dict[str, str]:
    """Return a few products whose name has these words; none for fewer than three letters."""
    if len(text.strip()) < 3:
        return {}
    found = Product.objects.filter(name__icontains=text.strip()).order_by("name")
    return dict(found.values_list("sku", "name")[:MOST_FOUND])


def topic_called(name: str) -> Topic | None:
    """Return the topic that a box of the page names."""
    kind, _, value = name.partition(":")
    return Topic(TopicKind(kind), value) if kind in TopicKind.values and value else None
