from itertools import pairwise
from operator import itemgetter

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

# Nobody means more by hand; a slip of the finger adds zeros.
MOST = 100_000


class AdjustmentForm(forms.Form):
    points = forms.IntegerField(
        label=_("Points"),
        min_value=-MOST,
        max_value=MOST,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"autofocus": True}),
        help_text=_("A negative number takes points."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Stands with the points for as long as they are on record."),
    )


class TierFormSet(BaseInlineFormSet):
    """The tiers of a programme: who goes up a rank has spent more."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if _is_kept(form)]
        kept.sort(key=itemgetter("rank"))
        if any(
            upper["minimum_spend"] <= lower["minimum_spend"] for lower, upper in pairwise(kept)
        ):
            raise ValidationError(_("A higher tier needs a higher spend."))


def _is_kept(form: forms.ModelForm) -> bool:
    return form.is_valid() and "rank" in form.cleaned_data and not form.cleaned_data.get("DELETE")
