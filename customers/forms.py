from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from customers.models import Case, Customer
from customers.rules import normal_email, normal_phone


class CustomerForm(forms.ModelForm):
    """A profile as staff edit it; addresses are normalised here."""

    class Meta:
        model = Customer
        fields = (
            "first_name",
            "last_name",
            "email",
            "phone",
            "external_id",
            "birth_date",
            "gender",
            "language",
            "country",
            "state",
            "city",
            "postal_code",
            "timezone",
            "stage",
            "interests",
        )

    def clean_email(self) -> str:
        return normal_email(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        number = normal_phone(self.cleaned_data["phone"], country=settings.SHOP_COUNTRY)
        if number is None:
            raise ValidationError(
                _("This is not a phone number. Write it with area code: (11) 98765-4321.")
            )
        return number

    def clean_country(self) -> str:
        return self.cleaned_data["country"].upper()


class CaseForm(forms.ModelForm):
    class Meta:
        model = Case
        fields = ("channel", "subject", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].widget.attrs["autofocus"] = True
