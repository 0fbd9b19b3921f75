from datetime import datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from consent.enums import RestrictionReason


class RestrictionForm(forms.Form):
    """Why a person's data are kept and not used, and until which day."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=RestrictionReason.choices, widget=UnfoldAdminSelectWidget
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=UnfoldAdminDateWidget,
        help_text=_(
            "The first day on which the data may be used again; empty until it is lifted."
        ),
    )

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        if day and day <= localdate():
            raise ValidationError(_("A restriction ends in the future."))
        return make_aware(datetime.combine(day, time.min)) if day else None
