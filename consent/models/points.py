from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consent.enums import PointKind
from consent.models.notices import Notice


class CollectionPoint(models.Model):
    """Where choices are made; whatever changes in what is shown there raises ``version``."""

    code = models.SlugField(_("code"), max_length=32, primary_key=True)
    kind = models.CharField(_("kind"), max_length=20, choices=PointKind)
    name_en = models.CharField(_("name in English"), max_length=100)
    name_pt = models.CharField(_("name in Portuguese"), max_length=100)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    # NULL: only refusals come from here, or choices made elsewhere.
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, blank=True, verbose_name=_("notice shown there")
    )
    double_opt_in = models.BooleanField(_("asks to confirm by message"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("collection point")
        verbose_name_plural = _("collection points")
        constraints = [
            models.CheckConstraint(
                condition=Q(version__gt=0), name="collection_point_versions_count_from_one"
            )
        ]

    def __str__(self) -> str:
        in_portuguese = (get_language() or "").startswith("pt")
        return self.name_pt if in_portuguese else self.name_en
