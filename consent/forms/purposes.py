from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from consent.enums import LegalBasis
from consent.models import Purpose


class PurposeForm(forms.ModelForm):
    class Meta:
        model = Purpose
        fields = (
            *("code", "name_en", "name_pt", "explanation_en", "explanation_pt", "basis"),
            *("needs_opt_in", "adults_only", "valid_days", "is_active"),
        )
        help_texts = {
            "code": _("Lower-case letters and underscores; programs call it by this."),
            "explanation_en": _("In words that people who choose understand."),
            "explanation_pt": _("In words that people who choose understand."),
            "needs_opt_in": _("Otherwise no answer means yes, until somebody objects."),
            "adults_only": _("Minors are left out, whatever was chosen for them."),
            "valid_days": _(
                "After so many days a permission is silence again. Empty: it does not end."
            ),
            "is_active": _("A purpose that is not in use takes no new permission."),
        }

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not code.replace("_", "").isalnum() or not code.isascii() or code != code.lower():
            raise ValidationError(_("Use lower-case letters, digits and underscores."))
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        rests_on_consent = cleaned.get("basis") == LegalBasis.CONSENT
        if rests_on_consent and cleaned.get("needs_opt_in") is False:
            self.add_error("needs_opt_in", _("Consent is never silent: it needs an opt-in."))
        return cleaned
