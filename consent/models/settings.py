from datetime import time
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.enums import Role
from consent.rules.subject_requests import STATUTORY_DAYS
from customers.enums import BirthDatePolicy

THE_ONE = 1

# The roles that may erase at all.
APPROVERS = [
    ("", _("nobody: one person is enough")),
    *((role.value, role.label) for role in (Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)),
]


def months(label: Any, *, default: int, help_text: Any) -> models.PositiveSmallIntegerField:
    """Return a field for how long, in months, a kind of data is kept; empty is "for ever"."""
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        null=True,
        blank=True,
        help_text=help_text,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
    )


class PrivacySettings(models.Model):
    """What the shop chose where the law leaves a choice: one row, with defaults for Brazil.

    Read by ``consent.queries.settings.privacy_settings``, which knows the defaults as well.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE, editable=False)

    age_of_consent = models.PositiveSmallIntegerField(
        _("age of consent"),
        default=18,
        validators=[MinValueValidator(12), MaxValueValidator(21)],
        help_text=_(
            "Whoever is younger is in no audience of a purpose for adults only, such as marketing "
            "and profiling. In Brazil children and adolescents are protected until 18."
        ),
    )
    unknown_age_is_minor = models.BooleanField(
        _("treat unknown age as under age"),
        default=False,
        help_text=_(
            "Tick this if what you sell is made for children: then nobody is addressed before "
            "they told their age."
        ),
    )
    birth_date_policy = models.CharField(
        _("what is kept of a birth date"),
        max_length=14,
        choices=BirthDatePolicy,
        default=BirthDatePolicy.FULL,
        help_text=_(
            "Day and month are enough for birthday greetings; then nobody's age is known. What is "
            "more than this is cut off for good, also of customers already here."
        ),
    )

    quiet_from = models.TimeField(
        _("quiet from"),
        default=time(20),
        help_text=_("Advertising waits from this hour, on the customer's own clock."),
    )
    quiet_until = models.TimeField(_("quiet until"), default=time(9))
    quiet_on_sundays = models.BooleanField(
        _("quiet on Sundays"),
        default=True,
        help_text=_("Messages about orders and service go out all the same."),
    )

    events_months = months(
        _("what happened to customers"),
        default=24,
        help_text=_("Pages, clicks, searches and other entries of the timeline, in months."),
    )
    messages_months = months(
        _("texts of messages"),
        default=24,
        help_text=_("That a message was sent, and why, stays; its words go. In months."),
    )
    cases_months = months(
        _("closed cases"),
        default=60,
        help_text=_("In months; consumers may sue for five years (CDC, art. 27)."),
    )
    inactive_customers_months = months(
        _("customers of whom nothing was heard"),
        default=60,
        help_text=_("Months without an order, a visit or a word of theirs; then they are erased."),
    )
    permissions_unused_months = months(
        _("permissions that were not used"),
        default=24,
        help_text=_(
            "Months without a message for its purpose and without a word, an order or a visit of "
            "the person; then a permission ends. Whose ends soon is listed a month before."
        ),
    )
    evidence_months = months(
        _("evidence of consent"),
        default=60,
        help_text=_(
            "Months after the permission has ended; then what proves it is destroyed, and only "
            "the choice itself, its day and the text shown stay."
        ),
    )

    request_days = models.PositiveSmallIntegerField(
        _("days to answer what people ask"),
        default=STATUTORY_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text=_("From the day on which they ask; LGPD art. 19 allows 15 at most."),
    )

    erasures_approved_by = models.CharField(
        _("erasures are approved by"),
        max_length=20,
        choices=APPROVERS,
        default="",
        blank=True,
        help_text=_(
            "Then one person asks, and a second one of this role approves or declines. What the "
            "calendar erases by itself (retention) waits for nobody."
        ),
    )

    class Meta:
        verbose_name = _("privacy settings")
        verbose_name_plural = _("privacy settings")
        constraints = [
            models.CheckConstraint(condition=Q(pk=THE_ONE), name="privacy_settings_are_one_row"),
            models.CheckConstraint(
                condition=~Q(quiet_from=F("quiet_until")),
                name="quiet_hours_begin_and_end_at_different_times",
                violation_error_message=_("Quiet hours must begin and end at different times."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Privacy settings"))
