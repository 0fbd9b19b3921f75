"""What staff say of an order."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from common.templatetags.clientela import money, quantity
from customers.models import OrderLine
from customers.operations.orders import Returned


class ReturnForm(forms.Form):
    """How many units of each line of an order come back now; one field for each that may."""

    def __init__(self, *args: Any, lines: Sequence[OrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = {
            f"line_{line.number}": line.number
            for line in lines
            if line.quantity > line.returned_quantity
        }
        for line in lines:
            if line.quantity > line.returned_quantity:
                self.fields[f"line_{line.number}"] = _field(line)
        for field in list(self.fields.values())[:1]:
            field.widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.returned:
            raise ValidationError(_("Say of at least one line how much comes back."))
        return cleaned

    @property
    def returned(self) -> list[Returned]:
        told = ((number, self.cleaned_data.get(name)) for name, number in self.numbers.items())
        return [Returned(number, units) for number, units in told if units]


def _field(line: OrderLine) -> forms.DecimalField:
    left = line.quantity - line.returned_quantity
    return forms.DecimalField(
        label=line.product.name,
        help_text=_("Up to %(left)s, for %(total)s in all.")
        % {"left": quantity(left), "total": money(line.total - line.returned_total)},
        min_value=0,
        max_value=left,
        decimal_places=3,
        required=False,
        localize=True,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
    )
