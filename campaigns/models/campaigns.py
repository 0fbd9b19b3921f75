from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from campaigns.enums import Audience, CampaignState, MessageState, Outcome, SkipReason
from campaigns.models.offers import Offer, Voucher
from consent.enums import Channel, LegalBasis, Occasion
from consent.models import Purpose
from customers.enums import Category
from customers.models import Customer
from segments.models import Segment


class Template(models.Model):
    """A message: Liquid in the subject and in an MJML body, compiled to HTML when saved."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("body"), help_text=_("MJML with Liquid variables."))
    html = models.TextField(editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=now, editable=False)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
# A campaign that is later than this, after an outage, waits for a person.
LATEST_START = timedelta(hours=6)
ABOUT_TO_BEGIN = timedelta(minutes=5)


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def to_begin(self) -> Self:
        """Return those that have not begun."""
        return self.filter(state__in=(CampaignState.DRAFT, CampaignState.SCHEDULED))

    def due(self, *, at: datetime) -> Self:
        """Return those to launch now: scheduled and not too late, or begun and left behind."""
        scheduled = Q(state=CampaignState.SCHEDULED, scheduled_at__lte=at)
        return self.filter(
            scheduled & Q(scheduled_at__gte=at - LATEST_START) | Q(state=CampaignState.LAUNCHING)
        )

    def waiting_for_entrants(self) -> Self:
        """Return those that write to whoever comes into their segment."""
        return self.filter(goes_to=Audience.ENTRANTS, state=CampaignState.SENDING)


class Campaign(models.Model):
    """One message to one segment, against a control group: at one time, or to each who comes in.

    ``control_share`` is 0 to 1. Orders within ``attribution_days`` after the verdict count as its
    result, for those who were written to and for the control group alike. Subject and HTML are
    frozen at launch, and with them what the messages rest on.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    segment = models.ForeignKey(Segment, models.PROTECT, verbose_name=_("segment"))
    goes_to = models.CharField(
        _("who of them"), max_length=10, choices=Audience, default=Audience.MEMBERS
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.EMAIL)
    template = models.ForeignKey(Template, models.PROTECT, verbose_name=_("template"))
    offer = models.ForeignKey(
        Offer, models.PROTECT, null=True, blank=True, verbose_name=_("offer")
    )
    about_category = models.CharField(
        _("about the products"),
        max_length=255,
        blank=True,
        help_text=_(
            "A product category, such as “Grocery > Dairy”: whoever does not want to be reminded "
            "of it gets nothing."
        ),
    )
    about_occasion = models.CharField(
        _("about the occasion"), max_length=20, choices=Occasion, blank=True
    )
    scheduled_at = models.DateTimeField(_("send at"), null=True, blank=True)
    control_share = models.DecimalField(
        _("control group"),
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.1"),
        validators=[MinValueValidator(0), MaxValueValidator(Decimal("0.5"))],
        help_text=_("The share that gets nothing, so that the effect can be measured."),
    )
    attribution_days = models.PositiveIntegerField(_("days that count"), default=14)

    state = models.CharField(
        _("state"), max_length=10, choices=CampaignState, default=CampaignState.DRAFT
    )
    # When somebody agreed to write to the last known members of a segment that is out of date.
    old_members_accepted_at = models.DateTimeField(null=True, editable=False)
    subject = models.CharField(max_length=200, blank=True, editable=False)
    html = models.TextField(blank=True, editable=False)
    # What every message of it rests on, as it was at the launch: who asks later is told this, also
    # when the segment or the template has changed since. Empty before.
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, editable=False)
    basis = models.CharField(max_length=20, choices=LegalBasis, blank=True, editable=False)
    rule = models.JSONField(null=True, editable=False)
    # By language: a rule may ask for what is gone one day, and could not be read again.
    rule_in_words = models.JSONField(default=dict, editable=False)
    categories = ArrayField(
        models.CharField(max_length=20, choices=Category), default=list, editable=False
    )
    template_name = models.CharField(max_length=100, blank=True, editable=False)
    template_changed_at = models.DateTimeField(null=True, editable=False)

    # Customers with an id up to this one have their row: a launch goes on after a crash.
    audience_upto = models.BigIntegerField(default=0, editable=False)
    # None while people may be missing: a launch that was stopped has more to choose.
    audience_chosen_at = models.DateTimeField(null=True, editable=False)
    launched_at = models.DateTimeField(_("launched at"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False
    )
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=CampaignState.SCHEDULED) | Q(scheduled_at__isnull=False),
                name="scheduled_campaign_has_a_time",
            )
        ]
        indexes = [models.Index(fields=["state", "scheduled_at"], name="campaign_by_state")]

    def __str__(self) -> str:
        return self.name

    def is_late(self, *, at: datetime) -> bool:
        """Say whether it missed its time by so much that a person must send it."""
        scheduled = self.state == CampaignState.SCHEDULED and self.scheduled_at
        return bool(scheduled and at - scheduled > LATEST_START)

    @property
    def is_open(self) -> bool:
        """Whether it writes to whoever comes into its segment from now on."""
        return self.goes_to == Audience.ENTRANTS and self.state == CampaignState.SENDING

    @property
    def state_in_words(self) -> str:
        return str(_("Open to whoever comes in")) if self.is_open else self.get_state_display()

    def is_moving(self, *, at: datetime) -> bool:
        """Say whether whoever looks at it will soon see something else."""
        if self.state == CampaignState.SCHEDULED and self.scheduled_at:
            return -LATEST_START <= self.scheduled_at - at <= ABOUT_TO_BEGIN
        # Nobody waits beside it for whoever may come in.
        under_way = self.state in (CampaignState.LAUNCHING, CampaignState.SENDING)
        return under_way and not self.is_open


class Message(models.Model):
    """The verdict on one person on one channel, and what became of the message.

    ``outcome`` is decided at launch for everyone in the segment and never changes; ``state`` says
    how far the message is, and ``skip_reason`` why it was not sent although it was meant to be.
    ``fence`` grows with every lease: a worker that lost its lease sees another number.
    """

    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        related_name="messages",
        # message_of_campaign leads with it.
        db_index=False,
        verbose_name=_("campaign"),
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="messages", verbose_name=_("customer")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    outcome = models.CharField(_("verdict"), max_length=20, choices=Outcome)
    state = models.CharField(_("state"), max_length=10, choices=MessageState)
    skip_reason = models.CharField(_("why skipped"), max_length=20, choices=SkipReason, blank=True)
    voucher = models.ForeignKey(
        Voucher, models.PROTECT, null=True, related_name="messages", verbose_name=_("voucher")
    )
    decided_at = models.DateTimeField(_("decided at"))
    # The proof: at the claim the permission was asked again, as it stood after this consent event
    # (its id). Without an event where the purpose needs no opt-in and nobody objected.
    allowed_at = models.DateTimeField(_("allowed at"), null=True)
    permission_event = models.BigIntegerField(null=True)
    # Not before this: in quiet hours a message waits for the morning.
    ready_at = models.DateTimeField(_("ready at"), db_default=Value(AT_ONCE))
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    unsubscribed_at = models.DateTimeField(_("unsubscribed at"), null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "customer", "channel"], name="message_once_per_person"
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.WILL_SEND) ^ Q(state=MessageState.HELD),
                name="message_is_held_exactly_when_it_will_not_be_sent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "ready_at", "id"],
                condition=Q(state=MessageState.READY),
                name="message_to_send",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=[MessageState.LEASED, MessageState.SENDING]),
                name="message_on_its_way",
            ),
            models.Index(fields=["customer", "-decided_at"], name="message_of_customer"),
            # What the nightly proof looks at.
            models.Index(
                fields=["sent_at"], condition=Q(sent_at__isnull=False), name="message_sent"
            ),
            # What staff look at: a campaign's messages, and those that a person must decide on.
            models.Index(fields=["campaign", "-id"], name="message_of_campaign"),
            models.Index(
                fields=["campaign", "id"],
                condition=Q(state=MessageState.UNCERTAIN),
                name="message_uncertain",
            ),
            models.Index(
                fields=["decided_at"], condition=~Q(error=""), name="message_with_error_by_age"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}:{self.customer_id}"


class TrackedLink(models.Model):
    """An address that the campaign's messages point to; clicks lead nowhere else."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="links")
    url = models.URLField(_("address"), max_length=2000)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "url"], name="link_once_per_campaign")
        ]

    def __str__(self) -> str:
        return self.url


class Click(models.Model):
    """Somebody followed a link; without permission for it, nobody knows who (no message)."""

    link = models.ForeignKey(TrackedLink, models.CASCADE, related_name="clicks")
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="clicks")
    clicked_at = models.DateTimeField(_("clicked at"))
    # The proof that the name may be kept: see ``Message.permission_event``.
    permission_event = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        indexes = [
            models.Index(
                fields=["clicked_at"], condition=~Q(message=None), name="named_click_by_age"
            )
        ]

    def __str__(self) -> str:
        return str(self.link_id)
