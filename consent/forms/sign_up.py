from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from consent.enums import Channel
from consent.rules.opt_in import CONFIRMED
from customers.enums import Category
from customers.rules import normal_email, normal_phone

# What a shop may use to choose what interests somebody; the sensitive, and where a person is,
# are asked for on their own.
OFFERED = (Category.IDENTITY, Category.DEMOGRAPHIC, Category.PURCHASE, Category.BROWSING)


class SignUpForm(forms.Form):
    """What somebody types and ticks who wants to hear from the shop; no box is ticked before."""

    email = forms.EmailField(label=_("Your e-mail"), required=False)
    phone = forms.CharField(label=_("Your mobile phone"), required=False, max_length=32)
    channels = forms.TypedMultipleChoiceField(
        label=_("Write to me by"), choices=[], coerce=Channel, required=False
    )
    categories = forms.TypedMultipleChoiceField(
        label=_("To choose what interests me, you may use"),
        choices=[(it.value, it.label) for it in OFFERED],
        coerce=Category,
        required=False,
    )
    # People do not see it; programs fill in whatever there is.
    website = forms.CharField(required=False)

    def __init__(self, *args: Any, channels: list[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(it.value, it.label) for it in channels]
        self.fields["channels"].choices = offered  # type: ignore[attr-defined]

    @property
    def is_of_a_program(self) -> bool:
        return bool(self.data.get("website"))

    def clean_email(self) -> str:
        return normal_email(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        number = normal_phone(self.cleaned_data["phone"], country=settings.SHOP_COUNTRY)
        if number is None:
            raise ValidationError(
                _("This is not a phone number. Write it with area code: (11) 98765-4321.")
            )
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.get("channels", [])
        if not chosen:
            self.add_error("channels", _("Tick at least one box: nothing is sent without it."))
        if Channel.EMAIL in chosen and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("Where shall we write to?"))
        by_phone = CONFIRMED.intersection(chosen) - {Channel.EMAIL}
        if by_phone and not cleaned.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("Where shall we write to?"))
        return cleaned
