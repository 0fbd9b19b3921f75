from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
)

from consent.enums import Act, Channel, PointKind
from consent.models import Purpose
from customers.enums import Category


class ChoiceForm(forms.Form):
    """What a person says at the counter or on the phone."""

    act = forms.ChoiceField(
        label=_("The customer"),
        choices=[
            (Act.GIVEN, _("gives permission")),
            (Act.WITHDRAWN, _("withdraws permission")),
            (Act.REFUSED, _("refuses")),
        ],
        widget=UnfoldAdminRadioSelectWidget,
        initial=Act.GIVEN,
    )
    purpose = forms.ModelChoiceField(
        label=_("for"),
        queryset=Purpose.objects.order_by("code"),
        initial="marketing",
        widget=UnfoldAdminSelectWidget,
    )
    channels = forms.TypedMultipleChoiceField(
        label=_("by"),
        choices=Channel.choices,
        coerce=Channel,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )
    categories = forms.TypedMultipleChoiceField(
        label=_("using"),
        choices=Category.choices,
        coerce=Category,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )
    collection_point = forms.ChoiceField(
        label=_("Where"),
        choices=[
            (PointKind.CALL_CENTRE, PointKind.CALL_CENTRE.label),
            (PointKind.TILL, PointKind.TILL.label),
        ],
        widget=UnfoldAdminSelectWidget,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("channels") and not cleaned.get("categories"):
            raise ValidationError(_("Choose at least one channel or one kind of data."))
        return cleaned
