from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.enums import Language
from consent.enums import Channel, OptInState
from consent.models.notices import NoticeText
from consent.models.points import CollectionPoint
from consent.models.purposes import Purpose
from customers.enums import Category
from customers.models import Customer


class PendingOptIn(models.Model):
    """A yes that waits to be confirmed where it would reach the person; nothing rests on it.

    ``sealed`` holds the address and the token as JSON, until the time for an answer is over;
    afterwards the hashes alone stay, until the row goes. ``customer`` is only who a
    program named: whose address it is shows when it is confirmed.
    """

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    purpose = models.ForeignKey(
        Purpose, models.PROTECT, related_name="+", verbose_name=_("purpose")
    )
    categories = ArrayField(
        models.CharField(max_length=20, choices=Category), verbose_name=_("data"), default=list
    )
    collection_point = models.ForeignKey(
        CollectionPoint, models.PROTECT, related_name="+", verbose_name=_("collected at")
    )
    notice_text = models.ForeignKey(
        NoticeText, models.PROTECT, related_name="+", verbose_name=_("text shown")
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, related_name="+", verbose_name=_("customer")
    )
    # Asked by us, since they came of age and a guardian had allowed it.
    of_age = models.BooleanField(default=False)
    language = models.CharField(_("language"), max_length=8, choices=Language)

    contact_hash = models.BinaryField(max_length=32)
    # 256 random bits, so a plain SHA-256 is enough; a code of six digits needs a key.
    token_hash = models.BinaryField(max_length=32, unique=True)
    code_hash = models.BinaryField(max_length=32, null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sealed = models.BinaryField(null=True)

    state = models.CharField(
        _("state"), max_length=10, choices=OptInState, default=OptInState.TO_SEND
    )
    asked_at = models.DateTimeField(_("asked at"))
    valid_until = models.DateTimeField(_("valid until"))
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    class Meta:
        verbose_name = _("sign-up that waits")
        verbose_name_plural = _("sign-ups that wait")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=OptInState.CONFIRMED, confirmed_at__isnull=False)
                | (~Q(state=OptInState.CONFIRMED) & Q(confirmed_at=None)),
                name="opt_in_is_confirmed_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(sealed=None) | Q(state__in=sorted(OptInState.waiting())),
                name="opt_in_keeps_the_address_only_while_it_waits",
            ),
        ]
        indexes = [
            models.Index(fields=["contact_hash", "asked_at"], name="opt_in_of_address"),
            models.Index(fields=["asked_at"], name="opt_in_by_age"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=sorted(OptInState.waiting())),
                name="opt_in_that_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}:{self.state}"
