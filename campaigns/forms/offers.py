from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.enums import Effect
from campaigns.models import Offer
from campaigns.queries.drift import uses_of

# Whatever is typed shows at once as the sentence that customers and colleagues will read.
LIVE = {
    "hx-get": reverse_lazy("admin:campaigns_offer_sentence"),
    "hx-trigger": "input delay:200ms, change",
    "hx-include": "closest form",
    "hx-params": "not csrfmiddlewaretoken",
    "hx-target": "#offer-sentence",
}


class OfferForm(forms.ModelForm):
    """An offer as a marketer says it; what its effect does not need is left out."""

    class Meta:
        model = Offer
        fields = (
            "name",
            "effect",
            "percent",
            "cap",
            "amount",
            "minimum_order",
            "valid_days",
            "per_customer_limit",
            "total_limit",
            "is_active",
        )

        labels = {"is_active": _("Active")}
        help_texts = {
            "percent": _("20 takes a fifth off the order."),
            "cap": _("The most that the percentage may take off. Empty: no limit."),
            "minimum_order": _("The cart's total before the discount. 0: any order."),
            "per_customer_limit": _("Over all codes of the offer. Empty: no limit."),
            "total_limit": _("Over all customers. Empty: no limit."),
            "is_active": _("Untick to refuse all its codes for now."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name != "name":
                field.widget.attrs.update(LIVE)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("effect") == Effect.PERCENT:
            cleaned["amount"] = None
            self._require("percent")
        elif cleaned.get("effect") == Effect.AMOUNT:
            cleaned["percent"] = cleaned["cap"] = None
            self._require("amount")
        return cleaned

    def clean_total_limit(self) -> int | None:
        limit = self.cleaned_data["total_limit"]
        if limit is not None and self.instance.pk and limit < (uses := uses_of(self.instance)):
            raise ValidationError(
                _("The offer has been used %(uses)d times already; the limit cannot be lower."),
                params={"uses": uses},
            )
        return limit

    def _require(self, name: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, _("Say how much: a percentage or an amount."))
