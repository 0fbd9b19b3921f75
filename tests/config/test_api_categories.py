"""Whatever the API tells of a person is a kind of data that permission can be asked for.

A field of a serializer is a column, whose category stands in the data catalogue, or it is put
together, and then stands here with the category of what it is put together from.
"""

from collections.abc import Iterator

import pytest
from rest_framework.serializers import ModelSerializer

from config import urls
from customers.enums import Category
from customers.queries.catalogue import catalogue

assert urls.urlpatterns  # the doors, and with them every serializer, are loaded

DESCRIBED = {each.model: each for each in catalogue()}

PUT_TOGETHER = {
    "CustomerSerializer.attributes": Category.DEMOGRAPHIC,
    "CustomerSerializer.metrics": Category.PURCHASE,
    # Names of fields; what they would say is left out.
    "CustomerSerializer.withheld": None,
    "OrderSerializer.cart": Category.PURCHASE,
    "OrderSerializer.lines": Category.PURCHASE,
    "RedemptionSerializer.articles": Category.PURCHASE,
    # Each event is of the category of its kind, which says whether it is shown.
    "EventSerializer.details": None,
    "EventSerializer.sentence": None,
    # The hash of a text that we showed, the same for everybody.
    "DecidedBy.text_sha256": None,
    # Cells of a file that is not in yet; they go after 72 hours.
    "ImportDetailSerializer.preview": Category.IDENTITY,
    "RejectedRowSerializer.message": Category.IDENTITY,
    # How the work on a file gets on.
    "ImportDetailSerializer.rows_a_second": None,
    "ImportDetailSerializer.same_file": None,
    "ImportDetailSerializer.seconds_left": None,
    "ImportDetailSerializer.undoable_until": None,
}


def serializers(of: type = ModelSerializer) -> Iterator[type[ModelSerializer]]:
    for each in of.__subclasses__():
        yield from serializers(each)
        if not each.__module__.startswith("rest_framework"):
            yield each


def about_people() -> list[type[ModelSerializer]]:
    """Return the serializers of tables that say something of customers."""
    found = {each for each in serializers() if DESCRIBED[each.Meta.model].facts}
    return sorted(found, key=lambda each: each.__name__)


def test_the_walk_finds_people():
    names = {each.__name__ for each in about_people()}

    assert {"CustomerSerializer", "OrderSerializer", "ConsentEventSerializer"} <= names


@pytest.mark.parametrize("serializer", about_people(), ids=lambda each: each.__name__)
def test_every_field_is_a_described_column_or_says_what_it_is_made_of(serializer):
    columns = set(DESCRIBED[serializer.Meta.model].all_names())

    unknown = {
        f"{serializer.__name__}.{name}"
        for name, field in serializer().fields.items()
        if (field.source or name).split(".")[0] not in columns
    }

    assert unknown - PUT_TOGETHER.keys() == set()


def test_nothing_is_listed_that_is_gone():
    fields = {f"{each.__name__}.{name}" for each in about_people() for name in each().fields}

    assert PUT_TOGETHER.keys() - fields == set()
