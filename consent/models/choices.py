from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from consent.enums import Act, Channel, CollectionPoint, LegalBasis
from consent.models.purposes import Purpose
from customers.enums import Category
from customers.models import Customer


class ConsentEvent(models.Model):
    """One choice about one channel or one data category, written once.

    ``occurred_at`` is when the person chose, ``recorded_at`` when we heard of it.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="consent_events", verbose_name=_("customer")
    )
    purpose = models.ForeignKey(Purpose, models.PROTECT, verbose_name=_("purpose"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, blank=True)
    category = models.CharField(_("data"), max_length=20, choices=Category, blank=True)
    act = models.CharField(_("choice"), max_length=20, choices=Act)
    basis = models.CharField(_("legal basis"), max_length=20, choices=LegalBasis)
    collection_point = models.CharField(_("collected at"), max_length=20, choices=CollectionPoint)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("recorded by")
    )
    occurred_at = models.DateTimeField(_("chosen at"))
    recorded_at = models.DateTimeField(_("recorded at"), default=now)
    reference = models.CharField(max_length=160, unique=True)

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="") ^ Q(category=""),
                name="consent_event_is_about_one_channel_or_one_category",
            )
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="consent_event_of_customer")]

    def __str__(self) -> str:
        return f"{self.act} {self.channel or self.category}"


class Permission(models.Model):
    """What a person's choices add up to for one purpose: the projection of their consent events.

    NULL is "never asked", so that "refused" and "never answered" can be told apart; only TRUE
    permits where the purpose needs an opt-in, only FALSE forbids where it does not.
    """

    purpose = models.ForeignKey(Purpose, models.PROTECT)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="permissions")

    channel_email = models.BooleanField(null=True)
    channel_sms = models.BooleanField(null=True)
    channel_whatsapp = models.BooleanField(null=True)
    channel_push = models.BooleanField(null=True)
    channel_post = models.BooleanField(null=True)

    data_identity = models.BooleanField(null=True)
    data_contact = models.BooleanField(null=True)
    data_demographic = models.BooleanField(null=True)
    data_purchase = models.BooleanField(null=True)
    data_browsing = models.BooleanField(null=True)
    data_search = models.BooleanField(null=True)
    data_in_store = models.BooleanField(null=True)
    data_location_coarse = models.BooleanField(null=True)
    data_location_precise = models.BooleanField(null=True)
    data_sensitive = models.BooleanField(null=True)
    data_inferred = models.BooleanField(null=True)

    last_event_id = models.BigIntegerField(null=True)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("permission")
        verbose_name_plural = _("permissions")
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "customer"], name="permission_once_per_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose_id}:{self.customer_id}"
