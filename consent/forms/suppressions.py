from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from consent.enums import Channel, SuppressionReason
from consent.models import Purpose, Suppression
from consent.rules.suppressions import TOLD_BY_STAFF
from customers.rules import normal_email, normal_phone

BY_PHONE = (Channel.SMS, Channel.WHATSAPP)


class SuppressionForm(forms.ModelForm):
    """The address is hashed when saved and cannot be read again."""

    address = forms.CharField(
        label=_("E-mail or phone"),
        max_length=254,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Kept as a hash only: nobody can read it here again."),
    )
    phone_channels = forms.TypedMultipleChoiceField(
        label=_("Of a phone"),
        choices=[(channel.value, channel.label) for channel in BY_PHONE],
        coerce=Channel,
        initial=BY_PHONE,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(reason.value, reason.label) for reason in TOLD_BY_STAFF],
        initial=SuppressionReason.MANUAL,
        widget=UnfoldAdminSelectWidget,
    )
    purpose = forms.ModelChoiceField(
        label=_("Only for"),
        queryset=Purpose.objects.order_by("code"),
        required=False,
        empty_label=_("Everything"),
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Suppression
        fields = ("reason", "purpose")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if address := told.get("address"):
            told["address"], told["channels"] = self._read(address)
        return told

    def _read(self, text: str) -> tuple[str, list[Channel]]:
        """Return the normalised address, and the channels on which it is blocked."""
        if phone := normal_phone(text, country=settings.SHOP_COUNTRY):
            if not (channels := self.cleaned_data.get("phone_channels")):
                self.add_error("phone_channels", _("Choose SMS, WhatsApp or both."))
            return phone, list(channels or ())
        try:
            validate_email(text)
        except ValidationError:
            self.add_error("address", _("This is neither an e-mail address nor a phone number."))
        return normal_email(text), [Channel.EMAIL]


class LiftForm(forms.Form):
    reason = forms.CharField(
        label=_("Why may we write there again?"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Kept in the audit. Name no person."),
    )
