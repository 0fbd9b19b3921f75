from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from consent.enums import Act, ActorKind, Channel, PointKind
from consent.models import CollectionPoint, Purpose
from consent.rules import GRANTS
from customers.enums import Category

# Where staff hear what a person says; elsewhere people choose by themselves.
STAFFED = (PointKind.CALL_CENTRE, PointKind.TILL, PointKind.WHATSAPP)


def staffed_points() -> QuerySet[CollectionPoint]:
    return CollectionPoint.objects.filter(is_active=True, kind__in=STAFFED).order_by("code")


class ChoiceForm(forms.Form):
    """What a person says at the counter or on the phone."""

    act = forms.ChoiceField(
        label=_("The customer"),
        choices=[
            (Act.GIVEN, _("gives permission")),
            (Act.RENEWED, _("renews permission")),
            (Act.WITHDRAWN, _("withdraws permission")),
            (Act.OBJECTED, _("objects")),
            (Act.REFUSED, _("refuses")),
        ],
        widget=UnfoldAdminRadioSelectWidget,
        initial=Act.GIVEN,
    )
    purpose = forms.ModelChoiceField(
        label=_("for"),
        queryset=Purpose.objects.order_by("code"),
        initial="marketing",
        widget=UnfoldAdminSelectWidget,
    )
    channels = forms.TypedMultipleChoiceField(
        label=_("by"),
        choices=Channel.choices,
        coerce=Channel,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )
    categories = forms.TypedMultipleChoiceField(
        label=_("using"),
        choices=Category.choices,
        coerce=Category,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )
    collection_point = forms.ModelChoiceField(
        label=_("Where"),
        queryset=staffed_points(),
        initial=PointKind.CALL_CENTRE,
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    actor_kind = forms.TypedChoiceField(
        label=_("Who speaks"),
        choices=[
            (ActorKind.STAFF, _("The customer")),
            (ActorKind.GUARDIAN, _("A parent or guardian, for a minor")),
        ],
        coerce=ActorKind,
        initial=ActorKind.STAFF,
        empty_value=ActorKind.STAFF,
        required=False,
        widget=UnfoldAdminRadioSelectWidget,
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        help_text=_(
            "What proves a permission: the number of the recording or the signed form, or the"
            " words. It is sealed: nobody reads it without need."
        ),
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("channels") and not cleaned.get("categories"):
            raise ValidationError(_("Choose at least one channel or one kind of data."))
        if cleaned.get("act") in GRANTS and not cleaned.get("evidence"):
            self.add_error(
                "evidence",
                _("Say what proves it: the number of the recording or form, or the words used."),
            )
        return cleaned

    def choice(self) -> dict[str, Any]:
        """Return the choice as ``record_choice`` takes it."""
        return {**self.cleaned_data, "collection_point": self.cleaned_data["collection_point"].pk}
