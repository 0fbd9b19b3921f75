"""Two records side by side."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.text import capfirst

from customers.enums import Pick
from customers.models import Customer
from customers.rules.merging import JOINED


class MergeForm(forms.Form):
    """Whose value stays, for each field in which two records differ."""

    def __init__(
        self,
        *args: Any,
        survivor: Customer,
        loser: Customer,
        picks: Mapping[str, Pick],
        labels: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, pick in picks.items():
            mine, theirs = (_shown(person, name, labels) for person in (survivor, loser))
            if mine == theirs:
                continue
            choices = [(Pick.SURVIVOR, mine or "—"), (Pick.LOSER, theirs or "—")]
            if name in JOINED:
                choices.append((Pick.BOTH, str(Pick.BOTH.label)))
            self.fields[name] = forms.ChoiceField(
                label=capfirst(_name_of(name)),
                choices=choices,
                initial=pick,
                required=False,
                widget=forms.RadioSelect,
            )

    def picks(self) -> dict[str, Pick]:
        return {name: Pick(value) for name, value in self.cleaned_data.items() if value}


def _name_of(field: str) -> str:
    named: Any = Customer._meta.get_field(field)
    return str(named.verbose_name)


def _shown(customer: Customer, name: str, labels: Mapping[str, str]) -> str:
    """Write a field's value for people; ``labels`` are the names of attributes, by code."""
    value = getattr(customer, name)
    if isinstance(value, dict):
        return "; ".join(f"{labels.get(code, code)}: {said}" for code, said in value.items())
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if name == "tax_id":
        return customer.written_tax_id
    return customer.get_gender_display() if name == "gender" else str(value or "")
