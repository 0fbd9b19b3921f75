"""Attributes as programs declare them."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers

from customers.models import (
    AttributeDefinition,
)

MOST_CHOICES = 200


class AttributeSerializer(serializers.ModelSerializer):
    """A fact about customers; ``choices`` are the words of a choice or a list."""

    is_retired = serializers.SerializerMethodField()

    class Meta:
        model = AttributeDefinition
        fields = ("code", "label", "type", "choices", "category", "is_retired")
        # The same again is no mistake: the operation judges what is new.
        extra_kwargs = {
            "code": {"validators": [], "max_length": 64},
            "choices": {"max_length": MOST_CHOICES},
        }

    def get_is_retired(self, definition: AttributeDefinition) -> bool:
        return definition.retired_at is not None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            AttributeDefinition(**attrs).full_clean(validate_unique=False)
        except ValidationError as refusal:
            raise serializers.ValidationError(refusal.message_dict) from refusal
        return attrs
