from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from consent.models import NoticeVersion, Purpose
from consent.operations.notices import Words

PARTS = {
    "body": _("text"),
    "recipients": _("who receives the data"),
    "retention": _("how long they are kept"),
}


class DraftForm(forms.Form):
    """What a draft says: the same parts in every language, side by side."""

    purposes = forms.ModelMultipleChoiceField(
        label=_("purposes"),
        queryset=Purpose.objects.filter(is_active=True).order_by("code"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    is_material = forms.BooleanField(
        label=_("changes what people agreed to"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def __init__(self, data: Any = None, *, version: NoticeVersion) -> None:
        texts = {text.language: text for text in version.texts.all()}
        super().__init__(
            data,
            initial={
                "purposes": version.purposes.all(),
                "is_material": version.is_material,
                **{
                    f"{part}_{language}": getattr(texts.get(language), part, "")
                    for language, _called in settings.LANGUAGES
                    for part in PARTS
                },
            },
        )
        for language, _called in settings.LANGUAGES:
            for part, label in PARTS.items():
                self.fields[f"{part}_{language}"] = forms.CharField(
                    label=label,
                    widget=UnfoldAdminTextareaWidget(
                        attrs={"rows": 10 if part == "body" else 3, "lang": language}
                    ),
                )

    def languages(self) -> list[tuple[str, list[BoundField]]]:
        """Return the parts of each language, for columns side by side."""
        return [
            (str(name), [self[f"{part}_{language}"] for part in PARTS])
            for language, name in settings.LANGUAGES
        ]

    def words(self) -> dict[str, Words]:
        return {
            language: Words(**{part: self.cleaned_data[f"{part}_{language}"] for part in PARTS})
            for language, _called in settings.LANGUAGES
        }
