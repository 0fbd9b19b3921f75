from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.enums import ApologyReason, ApologyState, EmailProblem
from campaigns.models.offers import Voucher
from customers.models import Case, Customer


class Apology(models.Model):
    """A voucher that a support agent gives to make up for something.

    Within the agent's limit it is issued at once; above it, another person decides.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="apologies", verbose_name=_("customer")
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, verbose_name=_("case"))
    reason = models.CharField(_("reason"), max_length=16, choices=ApologyReason)
    explanation = models.CharField(_("explanation"), max_length=300, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    state = models.CharField(_("state"), max_length=8, choices=ApologyState)
    voucher = models.OneToOneField(Voucher, models.PROTECT, null=True, verbose_name=_("voucher"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    emailed_at = models.DateTimeField(_("e-mailed at"), null=True)
    # Which worker is sending it, and until when the others leave it alone.
    email_lease_until = models.DateTimeField(null=True)
    email_problem = models.CharField(
        _("why not e-mailed"), max_length=20, choices=EmailProblem, blank=True
    )
    reference = models.CharField(max_length=128, unique=True)

    class Meta:
        verbose_name = _("apology voucher")
        verbose_name_plural = _("apology vouchers")
        permissions = [("approve_apology", _("Can approve apology vouchers"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="apology_is_worth_something"),
            models.CheckConstraint(
                condition=~Q(decided_by=F("requested_by")),
                name="nobody_approves_their_own_apology",
            ),
            models.CheckConstraint(
                condition=Q(state=ApologyState.ISSUED) ^ Q(voucher=None),
                name="issued_apology_has_a_voucher",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "requested_at"], name="apology_by_state"),
            models.Index(fields=["customer", "-requested_at"], name="apology_of_customer"),
            models.Index(
                fields=["id"],
                condition=Q(state=ApologyState.ISSUED, emailed_at=None, email_problem=""),
                name="apology_to_email",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.amount}"
