"""What the builder's page reads."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from consent.models import Purpose
from segments.models import Segment
from segments.operations.saving import refuse_sensitive
from segments.queries import traits
from segments.rules import BadRule, read_rule


class RuleField(forms.JSONField):
    """A rule, made by the builder's script and checked here."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            json = super().to_python(value)
            if json is not None:
                read_rule(json, traits())
        except BadRule as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from refusal
        except (RecursionError, ValueError) as error:
            # Brackets a thousand deep, a number of five thousand digits.
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        return json

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was sent as it was sent, be it a rule or not, to be mended."""
        return None if data is None else InvalidJSONInput(data)


class SegmentForm(forms.ModelForm):
    purpose = forms.ModelChoiceField(
        Purpose.objects.order_by("code"),
        label=gettext_lazy("Purpose"),
        initial="marketing",
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Data are read only of people who allow their use for this."),
    )
    rule = RuleField()

    class Meta:
        model = Segment
        fields = ("name", "description", "purpose", "rule")
        widgets = {
            "name": UnfoldAdminTextInputWidget,
            "description": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        }

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if "rule" in told and "purpose" in told:
            try:
                refuse_sensitive(read_rule(told["rule"], traits()), purpose=told["purpose"])
            except BadRule as refusal:
                self.add_error("rule", ValidationError(refusal.message, code=refusal.code))
        return told
