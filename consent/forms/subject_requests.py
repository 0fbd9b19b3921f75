"""What somebody asks about their data, as staff take it down, and as it is answered."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from consent.enums import RequestDoor, RequestKind
from consent.queries.subject_requests import Proposal, profile_field
from consent.rules.subject_requests import RECTIFIABLE

# The other two are not taken down by staff.
DOORS = [
    (door.value, door.label)
    for door in RequestDoor
    if door not in (RequestDoor.PREFERENCE_CENTRE, RequestDoor.API)
]


class AskForm(forms.Form):
    """What is asked; the fields of the profile are for a correction alone."""

    kind = forms.ChoiceField(
        label=_("Asks to"), choices=RequestKind, widget=UnfoldAdminSelectWidget
    )
    door = forms.ChoiceField(label=_("Came by"), choices=DOORS, widget=UnfoldAdminSelectWidget)
    identity_is_known = forms.BooleanField(
        label=_("It is certain that it is this person who asks"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("If not, the clock stops until it is. Ask for no more than is held already."),
    )
    words = forms.CharField(
        label=_("In their words"),
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in RECTIFIABLE:
            label = profile_field(name).verbose_name
            self.fields[f"proposed_{name}"] = forms.CharField(
                label=_("Correct: %(field)s") % {"field": label},
                required=False,
                max_length=200,
                widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
            )

    def proposed(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"proposed_{name}"] for name in RECTIFIABLE}


class AnswerForm(forms.Form):
    """What the person is told; ``fields`` are the proposed values that are taken over."""

    answer = forms.CharField(
        label=_("Answer"),
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("The person is sent it, and reads it on their page."),
    )

    def __init__(self, *args: Any, proposals: Iterable[Proposal] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fields_to_correct"] = forms.MultipleChoiceField(
            required=False, choices=[(it.name, it.label) for it in proposals]
        )
