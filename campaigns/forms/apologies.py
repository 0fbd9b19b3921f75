from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.enums import ApologyReason
from customers.models import Case, Customer


class ApologyForm(forms.Form):
    """What an agent says about the voucher they give."""

    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=Decimal("0.01"),
        max_digits=14,
        decimal_places=2,
        localize=True,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autofocus": True}),
    )
    reason = forms.TypedChoiceField(
        label=_("What went wrong"),
        choices=ApologyReason.choices,
        coerce=ApologyReason,
        widget=UnfoldAdminSelectWidget,
    )
    case = forms.ModelChoiceField(
        label=_("Case"),
        queryset=Case.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("The complaint that this voucher answers."),
    )
    explanation = forms.CharField(
        label=_("Explanation"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For colleagues; the customer does not read it."),
    )

    def __init__(self, *args: object, customer: Customer, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        cases = customer.cases.order_by("-opened_at")
        self.fields["case"].queryset = cases  # type: ignore[attr-defined]
