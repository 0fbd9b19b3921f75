"""What the page that hands people to advertising platforms reads."""

from django import forms
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from segments.enums import AdPlatform, Identifier


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
