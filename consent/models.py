from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consent.enums import Act, Channel, CollectionPoint, LegalBasis, SuppressionReason
from customers.enums import Category
from customers.models import Customer


class Purpose(models.Model):
    """What data are used for; where the basis needs no opt-in, no answer means yes."""

    code = models.CharField(_("code"), max_length=32, primary_key=True)
    name_en = models.CharField(_("name in English"), max_length=100)
    name_pt = models.CharField(_("name in Portuguese"), max_length=100)
    basis = models.CharField(_("legal basis"), max_length=20, choices=LegalBasis)
    needs_opt_in = models.BooleanField(_("needs opt-in"), default=True)

    class Meta:
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")
        constraints = [
            models.CheckConstraint(
                condition=~Q(basis=LegalBasis.CONSENT) | Q(needs_opt_in=True),
                name="purpose_resting_on_consent_needs_opt_in",
            )
        ]

    def __str__(self) -> str:
        return self.name_pt if (get_language() or "").startswith("pt") else self.name_en


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


class Suppression(models.Model):
    """An address that is not written to, whatever was consented; kept as a keyed hash."""

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    contact_hash = models.BinaryField(max_length=32)
    reason = models.CharField(_("reason"), max_length=12, choices=SuppressionReason)
    created_at = models.DateTimeField(_("since"), default=now)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "contact_hash"],
                condition=Q(lifted_at=None),
                name="suppression_stands_once_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel}:{self.reason}"
