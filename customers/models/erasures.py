from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.enums import ErasureState
from customers.models.profile import Customer


class Erasure(models.Model):
    """That a record was blanked at the person's wish, by whom; why stands in the audit.

    ``number_hash`` is what is left of the number by which the shop called them: enough to refuse
    it, and not enough to read it.
    """

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="erasure")
    number_hash = models.BinaryField(max_length=32, unique=True)
    erased_at = models.DateTimeField(_("erased at"))
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        # No page shows it.
        default_permissions = ()
        permissions = [("erase_customer", _("Can erase customers"))]

    def __str__(self) -> str:
        return str(self.customer_id)


class ErasureRequestQuerySet(models.QuerySet["ErasureRequest"]):
    def waiting(self) -> Self:
        """Return what nobody decided yet; who was erased otherwise meanwhile needs no answer."""
        return self.filter(state=ErasureState.WAITING, customer__erased_at=None)


class ErasureRequest(models.Model):
    """An erasure that somebody of the staff asked for and a second person decides on.

    Why it was asked and why it was declined is sealed with the person's own key, so that nothing
    is left to read once they are erased.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="erasure_requests", verbose_name=_("customer")
    )
    state = models.CharField(
        _("state"), max_length=8, choices=ErasureState, default=ErasureState.WAITING
    )
    reason_sealed = models.BinaryField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )
    requested_at = models.DateTimeField(_("asked for at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answer_sealed = models.BinaryField(null=True)

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("erasure to approve")
        verbose_name_plural = _("erasures to approve")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ErasureState.WAITING, decided_at=None, decided_by=None)
                | Q(
                    ~Q(state=ErasureState.WAITING),
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
                name="erasure_request_waits_until_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("requested_by")),
                name="erasure_is_decided_by_a_second_person",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state=ErasureState.WAITING),
                name="erasure_request_waits_once_per_customer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-decided_at", "requested_at", "id"], name="erasure_request_waiting_first"
            )
        ]

    def __str__(self) -> str:
        return self.get_state_display()

    @property
    def is_waiting(self) -> bool:
        return self.state == ErasureState.WAITING and self.customer.erased_at is None
