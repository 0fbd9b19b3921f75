"""Profiles and cases, as staff edit them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from customers.enums import BirthDatePolicy
from customers.forms.attributes import AttributeField, field_name, written
from customers.models import Case, Customer
from customers.queries.birth_dates import birth_date_policy
from customers.queries.identity import was_erased
from customers.rules import normal_email, normal_phone
from customers.rules.attributes import Attribute, with_told
from customers.rules.tags import normal_tag
from customers.rules.tax_ids import normal_tax_id, written_tax_id


class CustomerForm(forms.ModelForm):
    """A profile as staff edit it; addresses and attributes are normalised here.

    ``customer_form`` adds a field for each attribute in use.
    """

    attributes: ClassVar[Mapping[str, Attribute]] = {}

    # Longer than the model's own: people write it with points and strokes.
    tax_id = forms.CharField(
        label=_("CPF or CNPJ"),
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Customer
        fields = (
            "first_name",
            "last_name",
            "email",
            "phone",
            "external_id",
            "tax_id",
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
            "tags",
        )
        # Unfold would give ten lines to a few words.
        widgets = dict.fromkeys(("interests", "tags"), UnfoldAdminTextInputWidget)
        help_texts = dict.fromkeys(("interests", "tags"), _("Several are parted by commas."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keep_of_birth_date(birth_date_policy())
        self.initial["tax_id"] = written_tax_id(self.initial.get("tax_id", ""))
        for code, attribute in self.attributes.items():
            value = self.instance.attributes.get(code)
            self.initial[field_name(code)] = written(attribute, value)

    def _keep_of_birth_date(self, policy: BirthDatePolicy) -> None:
        if policy == BirthDatePolicy.DAY_AND_MONTH:
            self.fields["birth_date"].help_text = _(
                "Only day and month are kept; 1904 stands for the year."
            )
        elif policy == BirthDatePolicy.NONE:
            self.fields["birth_date"].disabled = True
            self.fields["birth_date"].help_text = _("The shop keeps no birth dates.")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        values = {code: told.get(field_name(code)) for code in self.attributes}
        self.instance.attributes = with_told(self.instance.attributes, values)
        return told

    def clean_external_id(self) -> str:
        number: str = self.cleaned_data["external_id"]
        if was_erased(number):
            raise ValidationError(_("This customer was erased and cannot come back."))
        return number

    def clean_email(self) -> str:
        return normal_email(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        number = normal_phone(self.cleaned_data["phone"], country=settings.SHOP_COUNTRY)
        if number is None:
            raise ValidationError(
                _("This is not a phone number. Write it with area code: (11) 98765-4321.")
            )
        return number

    def clean_tax_id(self) -> str:
        number = normal_tax_id(self.cleaned_data["tax_id"])
        if number is None:
            raise ValidationError(_("This is not a CPF or CNPJ: its check digits are wrong."))
        return number

    def clean_tags(self) -> list[str]:
        return sorted({normal_tag(tag) for tag in self.cleaned_data["tags"]})

    def clean_country(self) -> str:
        return self.cleaned_data["country"].upper()


def told_by(text: str) -> dict[str, str]:
    """Return the fields that a text typed to find somebody fills; none for a mere number."""
    text = text.strip()
    if "@" in text:
        return {"email": text}
    if normal_phone(text, country=settings.SHOP_COUNTRY):
        return {"phone": text}
    if tax_id := normal_tax_id(text):
        return {"tax_id": tax_id}
    if any(character.isdigit() for character in text):
        return {}
    first_name, _space, last_name = text.partition(" ")
    return {"first_name": first_name, "last_name": last_name.strip()} if text else {}


def customer_form(attributes: Mapping[str, Attribute]) -> type[CustomerForm]:
    """Return the form with a field for each of the attributes."""
    fields = {field_name(code): AttributeField(one) for code, one in attributes.items()}
    return type("CustomerForm", (CustomerForm,), {"attributes": attributes, **fields})


class CaseForm(forms.ModelForm):
    class Meta:
        model = Case
        fields = ("channel", "subject", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].widget.attrs["autofocus"] = True
