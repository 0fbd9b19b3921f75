from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.models import Export
from customers.models import Customer
from segments.enums import AdPlatform


class Disclosure(models.Model):
    """Somebody's address left, as a hash, for an advertising platform.

    Written before it leaves and never changed: whoever asks who was told about them is told this.
    What the file was and who took it stands in its ``export``.
    """

    # Export by export a person is asked for: disclosure_once_per_export leads with the customer.
    export = models.ForeignKey(
        Export, models.PROTECT, related_name="+", db_index=False, verbose_name=_("export")
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="disclosures",
        db_index=False,
        verbose_name=_("customer"),
    )
    platform = models.CharField(_("platform"), max_length=8, choices=AdPlatform)
    with_email = models.BooleanField(_("the e-mail"))
    with_phone = models.BooleanField(_("the phone"))
    told_at = models.DateTimeField(_("passed on at"), default=now)

    class Meta:
        verbose_name = _("address passed on")
        verbose_name_plural = _("addresses passed on")
        # Nobody looks at them one by one: they are in the file with a person's data.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "export"], name="disclosure_once_per_export"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.platform}"
