"""Files, and what their columns are."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from customers.models import ImportJob
from customers.rules.files import EXTRA, FileKind, plain


class UploadForm(forms.Form):
    """A file to bring in, and what it is about."""

    file = forms.FileField(
        label=_("CSV file, or a zip with one"),
        widget=forms.FileInput(
            attrs={"accept": ".csv,text/csv,.zip,application/zip", "class": "plain-input"}
        ),
    )
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


class ColumnsForm(forms.Form):
    """Which column of the file fills which field; one choice for each title of the header."""

    historic = forms.BooleanField(
        label=_("This is history"),
        help_text=ImportJob._meta.get_field("historic").help_text,
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(
        self, *args: Any, header: Sequence[str], sample: Sequence[Sequence[str]], kind: FileKind,
        mapping: Mapping[str, str], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.titles = {f"column-{number}": title for number, title in enumerate(header)}
        for number, (name, title) in enumerate(self.titles.items()):
            seen = [row[number] for row in sample if number < len(row) and row[number].strip()]
            self.fields[name] = forms.ChoiceField(
                label=title or _("(no title)"),
                help_text=" · ".join(seen[:3])[:120],
                choices=_targets(kind, title),
                initial=mapping.get(title, ""),
                required=False,
                widget=UnfoldAdminSelectWidget,
            )

    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in self.titles]

    def mapping(self) -> dict[str, str]:
        return {
            title: self.cleaned_data[name]
            for name, title in self.titles.items()
            if self.cleaned_data.get(name)
        }


def _targets(kind: FileKind, title: str) -> list[tuple[str, str | Promise]]:
    targets: list[tuple[str, str | Promise]] = [("", _("(leave out)"))]
    for column in kind.columns:
        label = capfirst(str(column.label))
        targets.append((column.name, f"{label} *" if column.required else label))
    if kind.extra and plain(title):
        targets.append((f"{EXTRA}{plain(title)}", f"{kind.extra}: {plain(title)}"))
    return targets
