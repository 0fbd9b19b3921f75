"""What people decide by hand about who is in a segment."""

from django import forms
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from segments.enums import Handpicked
from segments.models import Segment
from segments.operations.handpicking import LONGEST_REASON


class DecisionForm(forms.Form):
    """What somebody decides about a customer in a segment; the button says which way."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
        help_text=gettext_lazy("Kept with your name and the day."),
    )
    word = forms.ChoiceField(choices=Handpicked.choices, widget=forms.HiddenInput)


class DecisionOfCustomerForm(DecisionForm):
    segment = forms.ModelChoiceField(
        Segment.objects.filter(archived_at=None).order_by("name"),
        label=gettext_lazy("Segment"),
        empty_label=gettext_lazy("Choose a segment"),
        widget=UnfoldAdminSelectWidget(attrs={"autofocus": True}),
    )
    field_order = ("segment", "reason")
