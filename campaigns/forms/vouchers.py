from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns.rules.pricing import CartLine
from customers.models import Customer
from customers.queries.identity import called


class CodeForm(forms.Form):
    """What a customer reads out to an agent; becomes the code, the customer and the cart."""

    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    total = forms.DecimalField(
        label=_("Cart total"),
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        localize=True,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
    )
    customer = forms.CharField(
        label=_("Customer number"),
        max_length=64,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Who wants to use it; empty means its owner."),
    )

    def clean_customer(self) -> Customer | None:
        number = self.cleaned_data["customer"]
        if not number:
            return None
        customer = called(number)
        if customer is None:
            raise ValidationError(_("No customer has this number."))
        return customer

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (total := cleaned.pop("total", None)) is not None:
            cleaned["cart"] = [CartLine("", Decimal(1), total)]
        return cleaned
