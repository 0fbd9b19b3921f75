"""What the pages of lists, and of who was in a segment on a day, read."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from consent.models import Purpose
from segments.models import Segment


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            # Whoever opens an empty form wants to type.
            self.fields["name"].widget.attrs["autofocus"] = True


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
