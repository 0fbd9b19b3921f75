"""What the builder's page reads and shows."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from consent.models import Purpose
from segments.enums import AdPlatform, Combination, Handpicked, Identifier, TraitType
from segments.models import Segment
from segments.operations.handpicking import LONGEST_REASON
from segments.operations.saving import refuse_sensitive
from segments.queries import traits
from segments.rules import SHAPES, BadRule, Trait, label_of_operator, read_rule


class RuleField(forms.JSONField):
    """A rule, made by the builder's script and checked here."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Any:
        json = super().clean(value)
        try:
            read_rule(json, traits())
        except BadRule as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from refusal
        return json


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


class ListForm(forms.ModelForm):
    """What a list is called, and what it is for."""

    purpose = forms.ModelChoiceField(
        Purpose.objects.order_by("code"),
        label=gettext_lazy("Purpose"),
        initial="marketing",
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Its people are written to only if they allow that for this."),
    )

    class Meta:
        model = Segment
        fields = ("name", "description", "purpose")
        widgets = {
            "name": UnfoldAdminTextInputWidget,
            "description": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        }


def end_of_day(day: date, *, at: datetime) -> datetime:
    """Return the last moment of the shop's day, or now if it is not over."""
    return min(at, make_aware(datetime.combine(day, time.max)))


class DayForm(forms.Form):
    """A day that has begun."""

    day = forms.DateField(
        label=gettext_lazy("At the end of"),
        widget=UnfoldAdminDateWidget,
        help_text=gettext_lazy("Of today, as it is now."),
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > localtime(self.at).date():
            raise ValidationError(_("Choose a day that has begun."))
        return day


class KeepForm(forms.Form):
    """Which members of a segment are kept as a list, and under which name."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, widget=UnfoldAdminTextInputWidget
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    as_of = forms.DateField(
        label=gettext_lazy("As they were at the end of"),
        required=False,
        widget=UnfoldAdminDateWidget,
        help_text=gettext_lazy("Empty: as they are now."),
    )

    def __init__(self, *args: Any, segment: Segment, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        day = date_format(localtime(at).date(), "SHORT_DATE_FORMAT")
        self.initial.setdefault("name", f"{segment.name[:80]}, {day}")

    def clean_as_of(self) -> datetime | None:
        day = self.cleaned_data["as_of"]
        if day and day > localtime(self.at).date():
            raise ValidationError(_("Choose a day that has begun."))
        return end_of_day(day, at=self.at) if day else None


class DecisionForm(forms.Form):
    """What somebody decides about a customer in a segment; the button says which way."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Kept with your name and the day."),
    )
    word = forms.ChoiceField(choices=Handpicked.choices, widget=forms.HiddenInput)


class DecisionOfCustomerForm(DecisionForm):
    segment = forms.ModelChoiceField(
        Segment.objects.order_by("name"),
        label=gettext_lazy("Segment"),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("segment", "reason")


class AudienceForm(forms.Form):
    """Which addresses leave for which advertising platform, and what for."""

    platform = forms.ChoiceField(
        label=gettext_lazy("Platform"),
        choices=AdPlatform.choices,
        widget=UnfoldAdminRadioSelectWidget,
    )
    identifiers = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Addresses"),
        choices=Identifier.choices,
        coerce=Identifier,
        initial=Identifier.values,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("Each leaves as a hash (SHA-256), never as it is."),
    )
    reason = forms.CharField(
        label=gettext_lazy("What for?"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("It is kept with your name, and the privacy officer can read it."),
    )


def builder_settings(urls: dict[str, str]) -> dict[str, Any]:
    """Return everything that the builder's script shows or asks, in the reader's language."""
    return {
        "urls": urls,
        "combinations": [{"code": code, "label": label} for code, label in Combination.choices],
        "traits": [_described(trait) for trait in traits().values()],
        "months": [{"value": number, "label": str(name)} for number, name in MONTHS.items()],
        "texts": {
            "and": _("and"),
            "or": _("or"),
            "nor": _("nor"),
            "failed": _("The count could not be asked for. Check the connection."),
        },
    }


def _described(trait: Trait) -> dict[str, Any]:
    return {
        "code": trait.code,
        "label": str(trait.label),
        "group": str(trait.group),
        "type": trait.type.value,
        "operators": [
            {
                "code": operator.value,
                "label": label_of_operator(operator, trait.type),
                "shape": SHAPES[operator].value,
            }
            for operator in trait.operators
        ],
        "choices": [
            {"value": value, "label": str(label)}
            for value, label in (trait.choices() if trait.choices else ())
        ],
        "suggests": trait.suggest is not None or bool(trait.by),
        "hasWindow": trait.has_window,
        "filters": [
            {"code": code, "label": str(one.label)} for code, one in trait.details.items()
        ],
        "mayBeMissing": trait.may_be_missing,
        "isWhole": trait.type in {TraitType.AGE, TraitType.TIMES},
    }
