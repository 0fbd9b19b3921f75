"""What the shop declared of its own."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from customers.enums import AttributeType
from customers.queries.attributes import attribute_value, attribute_values, attributes
from customers.rules.attributes import Attribute
from segments.enums import TraitType
from segments.rules import Trait

ATTRIBUTES = _("Attributes")
OF_TYPE = {
    AttributeType.TEXT: TraitType.TEXT,
    AttributeType.NUMBER: TraitType.NUMBER,
    AttributeType.MONEY: TraitType.MONEY,
    AttributeType.DATE: TraitType.DAY,
    AttributeType.MOMENT: TraitType.MOMENT,
    AttributeType.BOOLEAN: TraitType.YES_NO,
    AttributeType.CHOICE: TraitType.CHOICE,
    AttributeType.LIST: TraitType.LIST,
}


def attribute_traits() -> list[Trait]:
    """Return a trait for each attribute in use, in one query."""
    return [_attribute_trait(attribute) for attribute in attributes().values()]


def _attribute_trait(attribute: Attribute) -> Trait:
    words = [(word, word) for word in attribute.choices]
    has_own_words = attribute.type in {AttributeType.TEXT, AttributeType.LIST} and not words
    return Trait(
        code=f"attribute.{attribute.code}",
        label=attribute.label,
        group=ATTRIBUTES,
        type=OF_TYPE[attribute.type],
        category=attribute.category,
        # Two underscores would mean a path; codes have no capitals.
        field=f"attribute_{attribute.code.replace('_', 'X')}",
        reads=attribute_value(attribute),
        choices=(lambda: words) if words else None,
        suggest=partial(attribute_values, attribute) if has_own_words else None,
    )
