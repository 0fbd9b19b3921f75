from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consent.enums import LegalBasis


class Purpose(models.Model):
    """What data are used for; where the basis needs no opt-in, no answer means yes.

    Once choices rest on it, neither its basis nor what silence means can change (trigger).
    """

    code = models.CharField(_("code"), max_length=32, primary_key=True)
    name_en = models.CharField(_("name in English"), max_length=100)
    name_pt = models.CharField(_("name in Portuguese"), max_length=100)
    explanation_en = models.TextField(_("explanation in English"))
    explanation_pt = models.TextField(_("explanation in Portuguese"))
    basis = models.CharField(_("legal basis"), max_length=20, choices=LegalBasis)
    needs_opt_in = models.BooleanField(_("needs opt-in"), default=True)
    adults_only = models.BooleanField(_("adults only"), default=False)
    # NULL: a permission does not end by itself.
    valid_days = models.PositiveIntegerField(_("days until it ends"), null=True, blank=True)
    # A retired purpose takes no new permission; what was allowed and refused stands.
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")
        constraints = [
            models.CheckConstraint(
                condition=~Q(basis=LegalBasis.CONSENT) | Q(needs_opt_in=True),
                name="purpose_resting_on_consent_needs_opt_in",
            ),
            models.CheckConstraint(
                condition=Q(valid_days=None) | Q(valid_days__gt=0),
                name="purpose_is_valid_for_a_day_at_least",
            ),
        ]

    def __str__(self) -> str:
        return self.name_pt if _in_portuguese() else self.name_en

    @property
    def explanation(self) -> str:
        return self.explanation_pt if _in_portuguese() else self.explanation_en


def _in_portuguese() -> bool:
    return (get_language() or "").startswith("pt")
