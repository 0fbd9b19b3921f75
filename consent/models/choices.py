"""What people chose, written once, and what it adds up to."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from consent.enums import Act, ActorKind, Channel, LegalBasis
from consent.models.notices import NoticeText
from consent.models.points import CollectionPoint
from consent.models.purposes import Purpose
from consent.rules import GRANTS, THEIR_OWN
from customers.enums import Category
from customers.models import Customer

# The end of a permission without end: PostgreSQL's infinity is no datetime to Python.
ALWAYS = datetime(9999, 12, 31, tzinfo=UTC)


class ConsentEvent(models.Model):
    """One choice about one channel or one data category, written once.

    ``occurred_at`` is when the person chose, ``recorded_at`` when we heard of it. The database
    chains the events of each person, so that none can be changed, added or left out unnoticed.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="consent_events", verbose_name=_("customer")
    )
    purpose = models.ForeignKey(Purpose, models.PROTECT, verbose_name=_("purpose"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, blank=True)
    category = models.CharField(_("data"), max_length=20, choices=Category, blank=True)
    act = models.CharField(_("choice"), max_length=20, choices=Act)
    basis = models.CharField(_("legal basis"), max_length=20, choices=LegalBasis)
    notice_text = models.ForeignKey(
        NoticeText, models.PROTECT, null=True, db_index=False, verbose_name=_("text shown")
    )
    collection_point = models.ForeignKey(
        CollectionPoint, models.PROTECT, verbose_name=_("collected at")
    )
    # NULL: told by a file, or recorded before versions were kept. Else the database fills it.
    collection_version = models.PositiveIntegerField(
        _("version of the collection point"), null=True
    )
    actor_kind = models.CharField(
        _("chosen by"), max_length=10, choices=ActorKind, default=ActorKind.SUBJECT
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("recorded by")
    )
    occurred_at = models.DateTimeField(_("chosen at"))
    recorded_at = models.DateTimeField(_("recorded at"), default=now)
    # NULL: what was given does not end by itself.
    valid_until = models.DateTimeField(_("valid until"), null=True)
    # In the person's own key: destroyed with it when they are erased. Empty: kept long enough.
    evidence_sealed = models.BinaryField(null=True)
    reference = models.CharField(max_length=160, unique=True)

    # Filled by the database. A merge changes ``customer``; the chain stays with whom it began, and
    # holds without the evidence, whose hash it has.
    evidence_hash = models.BinaryField(max_length=32, null=True, editable=False)
    first_customer_id = models.BigIntegerField(editable=False)
    chain_position = models.PositiveIntegerField(editable=False)
    previous_hash = models.BinaryField(max_length=32, editable=False)
    row_hash = models.BinaryField(max_length=32, editable=False)

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="") ^ Q(category=""),
                name="consent_event_is_about_one_channel_or_one_category",
            ),
            models.CheckConstraint(
                condition=~Q(act__in=sorted(GRANTS))
                | Q(collection_version=None)
                | Q(notice_text__isnull=False),
                name="consent_given_rests_on_a_text_shown",
            ),
            models.CheckConstraint(
                condition=~Q(act__in=sorted(GRANTS))
                | Q(actor_kind__in=sorted(THEIR_OWN))
                | Q(evidence_sealed__isnull=False),
                name="consent_given_for_a_person_has_evidence",
            ),
            models.UniqueConstraint(
                fields=["first_customer_id", "chain_position"],
                name="consent_chain_never_forks",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="consent_event_of_customer"),
            # Rows lie in the order in which they came, so it is a few kilobytes.
            BrinIndex(fields=["recorded_at"], name="consent_event_by_arrival"),
            models.Index(
                fields=["id"],
                condition=Q(evidence_sealed__gt=b""),
                name="consent_event_with_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.channel or self.category}"


class Permission(models.Model):
    """What a person's choices add up to for one purpose: the projection of their consent events.

    NULL is "never asked", so that "refused" and "never answered" can be told apart; only TRUE
    permits where the purpose needs an opt-in, only FALSE forbids where it does not.
    """

    # The constraint below is its index.
    purpose = models.ForeignKey(Purpose, models.PROTECT, db_index=False)
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

    # The earliest end of all that stands here; past it, nothing here permits until the end
    # is recorded and the rest folded anew.
    valid_until = models.DateTimeField(db_default=ALWAYS)
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
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=Q(valid_until__lt=ALWAYS),
                name="permission_by_its_end",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose_id}:{self.customer_id}"
