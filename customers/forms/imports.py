"""Files, and what their columns are."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from customers.forms.attributes import WordsField
from customers.models import AttributeDefinition, ImportJob
from customers.queries.attributes import zone_of_values
from customers.rules.attributes import guessed_type
from customers.rules.files import EXTRA, FileKind, plain

NEW = ("new", _("New attribute …"))


class UploadForm(forms.Form):
    """A file to bring in, and what it is about."""

    file = forms.FileField(
        label=_("CSV file, or a zip with one"),
        widget=forms.FileInput(
            attrs={"accept": ".csv,text/csv,.zip,application/zip", "class": "plain-input"}
        ),
    )
    into = forms.CharField(required=False, widget=forms.HiddenInput)
    historic = forms.BooleanField(
        label=_("This is history"),
        help_text=ImportJob._meta.get_field("historic").help_text,
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(self, *args: Any, kinds: Mapping[str, FileKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("What is in the file?"),
            choices=[(kind.code, kind.label) for kind in kinds.values()],
            widget=UnfoldAdminSelectWidget,
        )
        self.order_fields(["kind", "file", "historic"])


class ReadingForm(forms.Form):
    """How the bytes of a file are to be read."""

    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=[
            ("utf-8", "UTF-8"),
            ("utf-8-sig", _("UTF-8 with a mark (Excel)")),
            ("utf-16", "UTF-16"),
            ("cp1252", _("Windows Western (cp1252)")),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    delimiter = forms.ChoiceField(
        label=_("Delimiter"),
        choices=[
            (",", _("Comma ,")),
            (";", _("Semicolon ;")),
            ("\t", _("Tab")),
            ("|", _("Bar |")),
        ],
        widget=UnfoldAdminSelectWidget,
    )


class NewAttributeForm(forms.ModelForm):
    """An attribute that a column brings with it; its code is made of its name."""

    choices = WordsField(
        label=_("Words to choose from"),
        help_text=_("One a line, for a choice or a list."),
        required=False,
    )

    class Meta:
        model = AttributeDefinition
        fields = ("label", "type", "choices", "category")
        widgets = {
            "label": UnfoldAdminTextInputWidget,
            "type": UnfoldAdminSelectWidget,
            "category": UnfoldAdminSelectWidget,
        }

    def clean_label(self) -> str:
        label: str = self.cleaned_data["label"]
        if not plain(label):
            raise ValidationError(_("Use letters or digits."))
        self.instance.code = plain(label)[:64]
        return label


class ColumnsForm(forms.Form):
    """Which column of the file fills which field; one choice for each title of the header.

    Whoever ``may_declare`` can make a column a new attribute on the way.
    """

    historic = forms.BooleanField(
        label=_("This is history"),
        help_text=ImportJob._meta.get_field("historic").help_text,
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    save_as = forms.CharField(
        label=_("Save these columns as"),
        help_text=_("A name under which you find them again, for other files of the same kind."),
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(
        self, *args: Any, header: Sequence[str], sample: Sequence[Sequence[str]], kind: FileKind,
        mapping: Mapping[str, str], may_declare: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind.matching:
            self.fields["matched_by"] = forms.ChoiceField(
                label=_("Match rows by"),
                help_text=_(
                    "A value that several customers share is rejected. In a file of customers, a"
                    " row whose value is known changes that customer; another one makes a new"
                    " customer."
                ),
                choices=[
                    ("", capfirst(str(kind.column(kind.key[0]).label))),
                    *((it, capfirst(str(kind.column(it).label))) for it in kind.matching),
                ],
                required=False,
                widget=UnfoldAdminSelectWidget,
            )
        self.may_declare = may_declare and kind.attributes is not None
        self.new: dict[str, NewAttributeForm] = {}
        extras = _extra_targets(kind)
        self.titles = {f"column-{number}": title for number, title in enumerate(header)}
        for number, (name, title) in enumerate(self.titles.items()):
            seen = [row[number] for row in sample if number < len(row) and row[number].strip()]
            self.fields[name] = forms.ChoiceField(
                label=title or _("(no title)"),
                help_text=" · ".join(_shown(seen[:3], kind, mapping.get(title, "")))[:120],
                choices=[*_targets(kind, title), *extras, *([NEW] if self.may_declare else [])],
                initial=mapping.get(title, ""),
                required=False,
                widget=UnfoldAdminSelectWidget,
            )
            if self.may_declare:
                self.new[name] = self._new(name, title, seen)

    def _new(self, name: str, title: str, seen: Sequence[str]) -> NewAttributeForm:
        """Return the form of what the column would be, guessed from its title and first cells."""
        guess = {"label": title[:100], "type": guessed_type(seen, zone=zone_of_values())}
        is_chosen = self.data.get(name) == NEW[0]
        return NewAttributeForm(self.data if is_chosen else None, prefix=name, initial=guess)

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(one.is_valid() for one in self._chosen().values())])

    def _chosen(self) -> dict[str, NewAttributeForm]:
        return {name: one for name, one in self.new.items() if one.is_bound}

    def columns(self) -> list[tuple[forms.BoundField, NewAttributeForm | None]]:
        return [(self[name], self.new.get(name)) for name in self.titles]

    def declaring(self) -> list[AttributeDefinition]:
        """Return the attributes to declare."""
        return [one.instance for one in self._chosen().values()]

    def mapping(self) -> dict[str, str]:
        new = {name: f"{EXTRA}{one.instance.code}" for name, one in self._chosen().items()}
        return {
            title: new.get(name, self.cleaned_data[name])
            for name, title in self.titles.items()
            if self.cleaned_data.get(name)
        }


def _shown(cells: Sequence[str], kind: FileKind, target: str) -> Sequence[str]:
    """Return cells as anybody may see them: of secrets the ending."""
    secret = next((column.secret for column in kind.columns if column.name == target), None)
    return [secret.shown(cell) for cell in cells] if secret else cells


def _extra_targets(kind: FileKind) -> list[tuple[str, str | Promise]]:
    """Return the attributes that a column may fill."""
    known = kind.attributes() if kind.attributes else {}
    return [(f"{EXTRA}{code}", f"{kind.extra}: {one.label}") for code, one in known.items()]


def _targets(kind: FileKind, title: str) -> list[tuple[str, str | Promise]]:
    targets: list[tuple[str, str | Promise]] = [("", _("(leave out)"))]
    for column in kind.columns:
        label = capfirst(str(column.label))
        targets.append((column.name, f"{label} *" if column.required else label))
    if kind.extra and kind.attributes is None and plain(title):
        targets.append((f"{EXTRA}{plain(title)}", f"{kind.extra}: {plain(title)}"))
    return targets
