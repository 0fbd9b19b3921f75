from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consent.enums import LegalBasis


class Purpose(models.Model):
    """What data are used for; where the basis needs no opt-in, no answer means yes."""

    code = models.CharField(_("code"), max_length=32, primary_key=True)
    name_en = models.CharField(_("name in English"), max_length=100)
    name_pt = models.CharField(_("name in Portuguese"), max_length=100)
    basis = models.CharField(_("legal basis"), max_length=20, choices=LegalBasis)
    needs_opt_in = models.BooleanField(_("needs opt-in"), default=True)

    class Meta:
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")
        constraints = [
            models.CheckConstraint(
                condition=~Q(basis=LegalBasis.CONSENT) | Q(needs_opt_in=True),
                name="purpose_resting_on_consent_needs_opt_in",
            )
        ]

    def __str__(self) -> str:
        return self.name_pt if (get_language() or "").startswith("pt") else self.name_en
