"""What may be asked, and what came of asking."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from consent.models import Purpose
from customers.enums import Category
from customers.models import Customer
from segments.compiler import Funnel, Meter
from segments.enums import Flaw, Measure, Operator, Shape, TraitType
from segments.rules import SHAPES, Detail, Rule, Trait, label_of_operator, sentence
from segments.rules.linting import Finding
from segments.serializers.segments import PurposeField, RuleField


class RuleSerializer(serializers.Serializer):
    """A rule and the purpose through whose permissions it reads."""

    rule = RuleField()
    purpose = PurposeField(
        queryset=Purpose.objects.all(), default=lambda: Purpose.objects.get(pk="marketing")
    )


class AllowedSerializer(serializers.Serializer):
    """A kind of data that the rule uses, and how many of all people allow that."""

    category = serializers.ChoiceField(Category.choices)
    allowed = serializers.IntegerField()
    people = serializers.IntegerField()


class FindingSerializer(serializers.Serializer):
    """Something odd about a rule that may be asked all the same."""

    flaw = serializers.ChoiceField(Flaw.choices)
    message = serializers.CharField(help_text="In the language of the request.")
    pointer = serializers.CharField(allow_blank=True)


class PartCountSerializer(serializers.Serializer):
    """One part of the rule on its own, and in a group of which all is wanted, who is left."""

    pointer = serializers.CharField()
    count = serializers.IntegerField()
    held_back_at_most = serializers.IntegerField()
    left = serializers.IntegerField(
        allow_null=True, help_text="After this part and those before it; null for the first."
    )
    missing = serializers.IntegerField(
        allow_null=True, help_text="How many have no value; null where everybody has one."
    )


class PreviewSerializer(serializers.Serializer):
    """``held_back`` fit as well, but have not allowed it; told in tens, rounded up."""

    total = serializers.IntegerField()
    everybody = serializers.IntegerField(help_text="Of whom the rule may say yes or no.")
    held_back_at_most = serializers.IntegerField()
    parts = PartCountSerializer(many=True)
    sentence = serializers.CharField(help_text="In the language of the request.")
    uses = AllowedSerializer(many=True)
    findings = FindingSerializer(many=True)
    sample = serializers.ListField(child=serializers.CharField(), help_text="Customer numbers.")


def preview_told(
    rule: Rule,
    *,
    counted: Funnel,
    people: Iterable[Customer],
    measured: Meter,
    odd: Iterable[Finding],
) -> dict[str, Any]:
    held_back = counted.each_held_back_at_most
    return {
        "total": counted.total,
        "everybody": counted.everybody,
        "held_back_at_most": counted.held_back_at_most,
        "parts": [
            {
                "pointer": part,
                "count": count,
                "held_back_at_most": held_back[part],
                "left": counted.left.get(part),
                "missing": counted.missing.get(part),
            }
            for part, count in counted.counts.items()
        ],
        "sentence": sentence(rule),
        "uses": [
            {"category": category, "allowed": allowed, "people": measured.people}
            for category, allowed in measured.allowed.items()
        ],
        "findings": odd,
        "sample": [customer.external_id for customer in people],
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
