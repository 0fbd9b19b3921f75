"""What may be asked, and what came of asking."""

from typing import Any

from rest_framework import serializers

from consent.models import Purpose
from customers.enums import Category
from segments.compiler import Preview
from segments.enums import Measure, Operator, Shape, TraitType
from segments.rules import SHAPES, Detail, Rule, Trait, label_of_operator, sentence
from segments.serializers.segments import RuleField


class RuleSerializer(serializers.Serializer):
    """A rule and the purpose through whose permissions it reads."""

    rule = RuleField()
    purpose = serializers.PrimaryKeyRelatedField(
        queryset=Purpose.objects.all(), default=lambda: Purpose.objects.get(pk="marketing")
    )


class PreviewSerializer(serializers.Serializer):
    """``held_back`` fit as well, but have not allowed it; fewer than 10 are told as 10."""

    total = serializers.IntegerField()
    held_back_at_most = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="By pointer.")
    missing = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Of conditions, by pointer: how many have no value, or no known one.",
    )
    sentence = serializers.CharField(help_text="In the language of the request.")
    categories = serializers.ListField(
        child=serializers.ChoiceField(Category.choices), help_text="The kinds of data it uses."
    )
    sample = serializers.ListField(child=serializers.CharField(), help_text="Customer numbers.")


def preview_told(rule: Rule, seen: Preview) -> dict[str, Any]:
    return {
        "total": seen.funnel.total,
        "held_back_at_most": seen.funnel.held_back_at_most,
        "counts": seen.funnel.counts,
        "missing": seen.funnel.missing,
        "sentence": sentence(rule),
        "categories": sorted(rule.categories),
        "sample": [customer.external_id for customer in seen.sample],
    }


class OperatorSerializer(serializers.Serializer):
    """How something may be compared; ``value`` says with what."""

    code = serializers.ChoiceField(Operator.choices)
    name = serializers.CharField()
    value = serializers.ChoiceField(Shape.choices)


class OfferedSerializer(serializers.Serializer):
    """A value that can be chosen."""

    value = serializers.CharField()
    name = serializers.CharField()


class DetailSerializer(serializers.Serializer):
    """What rows may be narrowed by (``where``) and, with ``measures``, measured in."""

    code = serializers.CharField()
    name = serializers.CharField()
    type = serializers.ChoiceField(TraitType.choices)
    category = serializers.ChoiceField(
        Category.choices, allow_null=True, help_text="Needed beside the trait's own."
    )
    operators = OperatorSerializer(many=True)
    choices = OfferedSerializer(many=True, help_text="The only values there are; empty for any.")
    measures = serializers.ListField(child=serializers.ChoiceField(Measure.choices))


class TraitSerializer(serializers.Serializer):
    """Something that a rule may ask, read through the permission for its category."""

    code = serializers.CharField()
    name = serializers.CharField(help_text="In the language of the request.")
    group = serializers.CharField()
    type = serializers.ChoiceField(TraitType.choices)
    category = serializers.ChoiceField(Category.choices)
    operators = OperatorSerializer(many=True)
    choices = OfferedSerializer(many=True, help_text="The only values there are; empty for any.")
    may_be_missing = serializers.BooleanField(help_text="Whether `unknown` can be said.")
    has_window = serializers.BooleanField(help_text="Whether `window` and `then` can be said.")
    details = DetailSerializer(many=True)


def trait_told(trait: Trait) -> dict[str, Any]:
    return {
        **_compared(trait),
        "code": trait.code,
        "group": trait.group,
        "may_be_missing": trait.may_be_missing,
        "has_window": trait.has_window,
        "details": [
            {**_compared(detail), "code": name, "measures": detail.measures}
            for name, detail in trait.details.items()
        ],
    }


def _compared(asked: Trait | Detail) -> dict[str, Any]:
    return {
        "name": asked.label,
        "type": asked.type,
        "category": asked.category,
        "operators": [
            {
                "code": operator,
                "name": label_of_operator(operator, asked.type),
                "value": SHAPES[operator],
            }
            for operator in asked.operators
        ],
        "choices": [
            {"value": value, "name": label}
            for value, label in (asked.choices() if asked.choices else ())
        ],
    }
