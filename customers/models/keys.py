from django.db import models

from customers.models.profile import Customer


class PersonKey(models.Model):
    """The key with which evidence about one record is sealed; without it nobody reads that again.

    It stays with its record when that is merged into another: a sealed text says whose key it
    needs. ``wrapped`` is the key under the installation's own (``common.keys``).
    """

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="key")
    wrapped = models.BinaryField(max_length=40)
    made_at = models.DateTimeField()

    class Meta:
        # No page shows it.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.customer_id)
