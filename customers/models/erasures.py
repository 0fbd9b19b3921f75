from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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
