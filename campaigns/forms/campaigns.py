from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from campaigns.models import Campaign, Offer
from campaigns.queries.audience import obstacle_of
from consent.enums import TopicKind
from consent.queries.wishes import known_topics
from consent.rules.wishes import Topic
from segments.models import Segment
from segments.queries.staleness import OutOfDate


class CampaignForm(forms.ModelForm):
    """A campaign as a marketer says it: to whom, what, with which offer, against whom."""

    control_percent = forms.IntegerField(
        label=_("Control group, in per cent"),
        min_value=0,
        max_value=50,
        initial=10,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_(
            "They could be written to and are not: without them nobody can say whether the "
            "message or the season sold more."
        ),
    )

    class Meta:
        model = Campaign
        fields = (
            *("name", "segment", "goes_to", "template", "offer"),
            *("about_category", "about_occasion", "attribution_days"),
        )
        labels = {
            "segment": _("To whom"),
            "template": _("What they read"),
            "offer": _("What they get"),
        }
        help_texts = {
            "offer": _("Everybody who is written to gets a code of their own."),
            "attribution_days": _("Orders of so many days after the launch are its result."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A campaign that is only looked at has no fields.
        segments = self.fields.get("segment")
        if isinstance(segments, forms.ModelChoiceField):
            current = Q(archived_at=None) | Q(pk=self.instance.segment_id)
            segments.queryset = Segment.objects.filter(current)
        offers = self.fields.get("offer")
        if isinstance(offers, forms.ModelChoiceField):
            offers.queryset = Offer.objects.filter(is_active=True, is_apology=False)
        if self.instance.pk:
            self.initial["control_percent"] = round(self.instance.control_share * 100)

    def clean_about_category(self) -> str:
        path: str = self.cleaned_data["about_category"].strip()
        if path and not known_topics([Topic(TopicKind.CATEGORY, path)]):
            raise ValidationError(_("The shop has no products of this category."))
        return path

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.instance.control_share = Decimal(self.cleaned_data.get("control_percent", 0)) / 100
        if not self.errors and (found := obstacle_of(self.instance)):
            self.add_error(found.field, found.sentence)


class LaunchForm(forms.Form):
    """When to begin; ``at`` is now."""

    start_at = forms.DateTimeField(
        label=_("Begin at"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text=_("Empty: now. The time is the shop's."),
    )

    def __init__(
        self, *args: Any, at: datetime, stale: OutOfDate | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._at = at
        if stale:
            self.fields["accepts_old_members"] = forms.BooleanField(
                label=_("Launch all the same, to those who were in it last"),
                help_text=stale.sentence,
                widget=UnfoldBooleanSwitchWidget,
                error_messages={"required": _("Confirm this, or mend the segment first.")},
            )

    def clean_start_at(self) -> datetime:
        start_at = self.cleaned_data["start_at"]
        if start_at and start_at < self._at:
            raise ValidationError(_("This time is over; leave it empty to begin now."))
        return start_at or self._at
