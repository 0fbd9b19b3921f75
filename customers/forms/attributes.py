"""Attributes: declared in one form, and filled in as fields of another."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from customers.enums import AttributeType
from customers.models import AttributeDefinition
from customers.operations.attributes import AttributeInUse, refuse_misfits
from customers.queries.attributes import zone_of_values
from customers.rules.attributes import WORD_MARK, Attribute, Value, as_text, read_text
from customers.rules.cells import Unreadable

# How the fields of a customer's attributes begin.
ATTRIBUTE = "attribute_"
NOTHING = ("", "—")


class WordsField(forms.CharField):
    """Words, one a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [" ".join(line.split()) for line in (value or "").splitlines() if line.strip()]


class AttributeDefinitionForm(forms.ModelForm):
    choices = WordsField(
        label=_("Words to choose from"),
        help_text=AttributeDefinition._meta.get_field("choices").help_text,
        required=False,
    )
    retired = forms.BooleanField(
        label=_("Retired"),
        help_text=_("Shown and asked nowhere any more; the values stay."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    class Meta:
        model = AttributeDefinition
        fields = ("label", "code", "type", "choices", "category")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["retired"] = self.instance.retired_at is not None

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if self.instance.pk and not self.errors:
            wanted = AttributeDefinition(
                pk=self.instance.pk, type=told["type"], choices=told["choices"]
            )
            try:
                refuse_misfits(wanted)
            except AttributeInUse as refusal:
                self.add_error(refusal.field, refusal.message)
        return told


class AttributeField(forms.Field):
    """One attribute of a customer, in the widget of its type and the reader's notation."""

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute
        self.zone = zone_of_values()
        super().__init__(
            label=str(attribute.label),
            required=False,
            widget=_widget(attribute),
            help_text=HELP.get(attribute.type, "") if not attribute.choices else "",
        )

    def clean(self, value: Any) -> Value | None:
        text = WORD_MARK.join(value) if isinstance(value, list) else value or ""
        try:
            return read_text(self.attribute, text, zone=self.zone)
        except Unreadable as refusal:
            raise ValidationError(refusal.sentence, code=refusal.reason) from refusal

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.clean(initial) != self.clean(data)
        except ValidationError:
            return True


def written(attribute: Attribute, value: Any) -> Any:
    """Return a kept value as the widget of its type shows it."""
    if value is None or (attribute.type == AttributeType.LIST and attribute.choices):
        return value
    return as_text(attribute, value, zone=zone_of_values())


HELP = {
    AttributeType.LIST: _("One a line."),
    AttributeType.MOMENT: _("Such as 31/12/2026 23:59."),
}


def _widget(attribute: Attribute) -> forms.Widget:
    words = [(word, word) for word in attribute.choices]
    match attribute.type:
        case AttributeType.NUMBER | AttributeType.MONEY:
            return UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
        case AttributeType.DATE:
            return UnfoldAdminSingleDateWidget()
        case AttributeType.BOOLEAN:
            answers = [NOTHING, ("true", _("Yes")), ("false", _("No"))]
            return UnfoldAdminSelectWidget(choices=answers)
        case AttributeType.CHOICE:
            return UnfoldAdminSelectWidget(choices=[NOTHING, *words])
        case AttributeType.LIST if words:
            return UnfoldAdminCheckboxSelectMultipleWidget(choices=words)
        case AttributeType.LIST:
            return UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return UnfoldAdminTextInputWidget()


def field_name(code: str) -> str:
    return f"{ATTRIBUTE}{code}"
