from django.db import models
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """What made somebody a member."""

    RULE = "rule", _("The rule")
    MANUAL = "manual", _("Added by hand")
