from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.enums import Language
from consent.enums import Channel, PackageState
from consent.rules.packages import TRIES
from customers.models import Customer


class PackageQuerySet(models.QuerySet["Package"]):
    def standing(self) -> Self:
        """Keep those that are put together, or wait to be downloaded."""
        return self.filter(state__in=PackageState.standing())

    def free(self, *, at: datetime) -> Self:
        """Keep those that no worker has in hand."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lte=at))

    def to_build(self, *, at: datetime) -> Self:
        return self.free(at=at).filter(state=PackageState.WAITING, tries__lt=TRIES)

    def to_tell(self, *, at: datetime) -> Self:
        """Keep those whose link the person was not sent yet."""
        ready = self.free(at=at).filter(state=PackageState.READY, valid_until__gt=at)
        return ready.filter(told_at=None)

    def with_code_to_send(self, *, at: datetime) -> Self:
        ready = self.free(at=at).filter(state=PackageState.READY, code_until__gt=at)
        return ready.exclude(code_sealed=None)

    def with_file_to_remove(self, *, at: datetime) -> Self:
        """Keep those whose file was taken, waits for too long, or was given up."""
        left = Q(state__in=[PackageState.TAKEN, PackageState.FAILED])
        old = Q(state=PackageState.READY, valid_until__lte=at)
        return self.filter(old | (left & ~Q(file="")))


class Package(models.Model):
    """All that is held about somebody, in one file, on its way to them.

    The row is the promise: a worker puts the file together, sealed with the person's own key. The
    link to it is signed and not kept; of the code that the link asks for a keyed hash is kept, and
    the code itself, sealed, until it has been sent.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="packages", verbose_name=_("customer")
    )
    language = models.CharField(_("language"), max_length=8, choices=Language)
    state = models.CharField(
        _("state"), max_length=8, choices=PackageState, default=PackageState.WAITING
    )
    asked_at = models.DateTimeField(_("asked at"))
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # In the private storage; known before it is written: no file is left that no row names.
    file = models.CharField(max_length=200, blank=True)
    ready_at = models.DateTimeField(_("ready at"), null=True)
    valid_until = models.DateTimeField(_("valid until"), null=True)
    told_at = models.DateTimeField(_("link sent at"), null=True)
    taken_at = models.DateTimeField(_("downloaded at"), null=True)

    code_channel = models.CharField(_("code sent by"), max_length=10, choices=Channel, blank=True)
    code_hash = models.BinaryField(max_length=32, null=True)
    code_sealed = models.BinaryField(null=True)
    code_until = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    objects = PackageQuerySet.as_manager()

    class Meta:
        # No list shows them: they stand on the page of the request that they answer.
        default_permissions = ()
        verbose_name = _("package of data")
        verbose_name_plural = _("packages of data")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=PackageState.READY)
                | Q(ready_at__isnull=False, valid_until__gt=F("ready_at")),
                name="package_is_ready_for_a_while",
            ),
            models.CheckConstraint(
                condition=Q(state=PackageState.TAKEN, taken_at__isnull=False)
                | (~Q(state=PackageState.TAKEN) & Q(taken_at=None)),
                name="package_is_taken_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="package_of_customer"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=PackageState.standing()),
                name="package_that_stands",
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()
