from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from common.errors import DomainError
from customers.models import WebhookSubscription
from customers.operations.webhooks import check_webhook
from customers.queries.webhooks import kind_choices


class KindsOfEvent(UnfoldAdminCheckboxSelectMultipleWidget):
    """Boxes in groups, with a field that hides all whose name does not hold what is typed."""

    template_name = "customers/webhooks/kinds.html"


class WebhookForm(forms.ModelForm):
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of event"), choices=kind_choices, required=False, widget=KindsOfEvent
    )

    class Meta:
        model = WebhookSubscription
        fields = ("name", "url", "all_kinds", "kinds", "content", "is_active")

    def clean(self) -> dict[str, Any] | None:
        told = super().clean()
        if not self.errors:
            facts = {name: self.cleaned_data[name] for name in ("url", "kinds", "all_kinds")}
            try:
                check_webhook(WebhookSubscription(**facts))
            except DomainError as refused:
                self.add_error(refused.field or None, refused.message)
        return told
