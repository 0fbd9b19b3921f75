from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.profile import Customer


class SurveyAnswer(models.Model):
    """How likely somebody is to recommend the shop (NPS), from 0 to 10, and what they say."""

    reference = models.CharField(_("reference"), max_length=160, unique=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="survey_answers", verbose_name=_("customer")
    )
    survey = models.CharField(_("survey"), max_length=100, blank=True)
    score = models.PositiveSmallIntegerField(_("score"))
    comment = models.TextField(_("comment"), blank=True)
    answered_at = models.DateTimeField(_("answered at"))

    class Meta:
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")
        constraints = [
            models.CheckConstraint(
                condition=Q(score__range=(0, 10)), name="survey_score_is_from_0_to_10"
            )
        ]
        indexes = [
            models.Index(fields=["customer", "-answered_at"], name="survey_answer_of_customer")
        ]

    def __str__(self) -> str:
        return f"{self.score}"
