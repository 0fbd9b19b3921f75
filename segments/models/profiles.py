from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import ExtractDay, ExtractMonth
from django.utils.timezone import now

from consent.models import Purpose
from customers.models import Customer


class PurposePlace(models.Model):
    """Where the answers for a purpose stand in ``Profile.allowed`` and ``Profile.refused``."""

    purpose = models.OneToOneField(Purpose, models.CASCADE, primary_key=True)
    place = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        # Nobody but the program writes or looks here.
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.purpose_id}: {self.place}"


class Profile(models.Model):
    """What rules ask most, flat: an index over the tables that say it, seconds late at most.

    Each column is named by the ``flat`` of the traits that are read from it. ``allowed`` and
    ``refused`` hold a number for each purpose, at its place, with a bit for every channel and
    kind of data (``consent.queries.bits``); neither bit says that nobody answered.

    A million such rows are read in a tenth of the time that the tables take together
    (knowledge/performance.md §2); what is sent, shown or handed out is asked of those again.
    """

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="flat_profile"
    )
    written_at = models.DateTimeField(default=now)
    # First what every rule reads: PostgreSQL walks through a row up to the last column it needs.
    allowed = ArrayField(models.IntegerField(null=True))
    refused = ArrayField(models.IntegerField(null=True))
    birth_date = models.DateField(null=True)

    country = models.CharField(max_length=2)
    state = models.CharField(max_length=64)
    city = models.CharField(max_length=100)
    postal_code = models.CharField(max_length=16)
    timezone = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    gender = models.CharField(max_length=8)
    stage = models.CharField(max_length=8)
    interests = ArrayField(models.CharField())
    tags = ArrayField(models.CharField())
    attributes = models.JSONField()
    registered_at = models.DateTimeField()

    order_count = models.PositiveIntegerField(null=True)
    spend = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    average = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    days_between_orders = models.FloatField(null=True)
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    last_open_at = models.DateTimeField(null=True)
    last_click_at = models.DateTimeField(null=True)
    rfm_group = models.CharField(max_length=20, null=True)  # noqa: DJ001 -- NULL is no group
    buys = ArrayField(models.CharField(), null=True)

    tier = models.TextField(null=True)  # noqa: DJ001 -- NULL is no member
    points = models.BigIntegerField(null=True)
    joined_at = models.DateTimeField(null=True)

    # The earliest instant at which what may be used of them changes by itself: a permission or a
    # restriction ends, or they come of age. The row is written anew then.
    stands_until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                ExtractMonth("birth_date") * 100 + ExtractDay("birth_date"),
                name="profile_by_birthday",
            ),
            models.Index(fields=["country", "tier"], name="profile_by_country_and_tier"),
            models.Index(fields=["last_order_at"], name="profile_by_last_order"),
            models.Index(
                fields=["stands_until"],
                condition=Q(stands_until__isnull=False),
                name="profile_by_its_end",
            ),
        ]

    def __str__(self) -> str:
        return str(self.customer_id)
