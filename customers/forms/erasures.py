"""The last question before somebody is erased."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from customers.models import Customer


class EraseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why?"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It is kept with your name. Do not name the customer."),
    )
    number = forms.CharField(
        label=_("Customer number"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Type it, so that nobody is erased by a slip of the hand."),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number != self.customer.external_id:
            raise ValidationError(_("This is not the number of this customer."))
        return number


class DeclineForm(forms.Form):
    because = forms.CharField(
        label=_("Why not?"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Only to decline. Whoever asked reads it."),
    )
