from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.enums import Effect, RedemptionState
from campaigns.rules.pricing import Terms
from campaigns.rules.sentences import offer_sentence
from customers.models import Customer


class Offer(models.Model):
    """What a voucher promises: "20 % off, at most 50.00, orders from 100.00, 30 days".

    ``percent`` is 0 to 100. An empty limit is no limit, and then no counter is touched;
    ``use_count`` counts standing redemptions only while ``total_limit`` is set.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    effect = models.CharField(_("effect"), max_length=8, choices=Effect, default=Effect.PERCENT)
    percent = models.DecimalField(
        _("percent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
    )
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    cap = models.DecimalField(_("at most"), max_digits=14, decimal_places=2, null=True, blank=True)
    minimum_order = models.DecimalField(
        _("orders from"), max_digits=14, decimal_places=2, default=0
    )
    valid_days = models.PositiveIntegerField(
        _("days valid"), default=30, help_text=_("Counted from the day a voucher is issued.")
    )
    per_customer_limit = models.PositiveIntegerField(
        _("uses per customer"), null=True, blank=True, default=1
    )
    total_limit = models.PositiveIntegerField(_("uses in total"), null=True, blank=True)
    use_count = models.PositiveIntegerField(_("uses"), default=0, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    # The one offer behind apology vouchers, each of which has an amount of its own.
    is_apology = models.BooleanField(default=False, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False
    )
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(
                condition=Q(effect=Effect.PERCENT, percent__isnull=False)
                | Q(effect=Effect.AMOUNT, amount__gt=0),
                name="offer_says_how_much",
                violation_error_message=_("Say how much: a percentage or an amount."),
            ),
            models.CheckConstraint(
                condition=Q(total_limit=None) | Q(use_count__lte=F("total_limit")),
                name="offer_is_used_no_more_than_its_limit",
            ),
            models.UniqueConstraint(
                fields=["is_apology"],
                condition=Q(is_apology=True),
                name="one_offer_is_for_apologies",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Apology voucher") if self.is_apology else self.name

    @property
    def terms(self) -> Terms:
        return Terms(
            effect=Effect(self.effect),
            percent=self.percent or Decimal(0),
            amount=self.amount or Decimal(0),
            cap=self.cap,
            minimum_order=Decimal(self.minimum_order),
        )

    @property
    def sentence(self) -> str:
        return offer_sentence(
            self.terms,
            valid_days=self.valid_days,
            per_customer_limit=self.per_customer_limit,
            total_limit=self.total_limit,
        )


class Voucher(models.Model):
    """A code that carries an offer, or an amount of its own (an apology).

    The code is found by its hash and read again only by opening ``code_sealed``; lists show
    ``code_ending``. A voucher with a ``customer`` is that customer's alone.
    """

    offer = models.ForeignKey(Offer, models.PROTECT, verbose_name=_("offer"))
    code_hash = models.BinaryField(max_length=32, unique=True)
    code_sealed = models.BinaryField(max_length=200)
    code_ending = models.CharField(_("code ends in"), max_length=4)
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        related_name="vouchers",
        verbose_name=_("customer"),
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    use_limit = models.PositiveIntegerField(_("uses allowed"), default=1)
    use_count = models.PositiveIntegerField(_("uses"), default=0)
    # Of these uses, those before the code came in by a file, of which there is no redemption.
    uses_before = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    voided_at = models.DateTimeField(_("voided at"), null=True)
    # What the voucher was issued for, so that issuing again gives the same one.
    reference = models.CharField(max_length=128, unique=True)
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        permissions = [("show_voucher_code", _("Can see voucher codes"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(use_count__lte=F("use_limit")),
                name="voucher_is_used_no_more_than_its_limit",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="voucher_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["customer", "-issued_at"], name="voucher_of_customer")]

    def __str__(self) -> str:
        return f"…{self.code_ending}"

    @property
    def last_day(self) -> date:
        """The last day on which it can be used, in the shop's time: it ends at midnight."""
        return localdate(self.valid_until - timedelta(microseconds=1))

    def terms(self, offer: Offer) -> Terms:
        """Return what this voucher of the offer promises: its own amount comes first."""
        if self.amount is None:
            return offer.terms
        return replace(offer.terms, effect=Effect.AMOUNT, amount=self.amount)


class OfferUse(models.Model):
    """How often one customer has used an offer that limits it; the row is the lock."""

    offer = models.ForeignKey(Offer, models.CASCADE)
    customer = models.ForeignKey(Customer, models.CASCADE)
    use_count = models.PositiveIntegerField(default=0)
    use_limit = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "customer"], name="offer_use_once_per_customer"
            ),
            models.CheckConstraint(
                condition=Q(use_count__lte=F("use_limit")),
                name="customer_uses_offer_no_more_than_the_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id}:{self.customer_id}"


class Redemption(models.Model):
    """A voucher used on an order: the truth that every counter is derived from.

    ``order_reference`` is the shop's order number, known before the order itself comes in.
    ``note`` labels what is not a real sale (the demo's invented redemptions).
    """

    voucher = models.ForeignKey(
        Voucher, models.PROTECT, related_name="redemptions", verbose_name=_("voucher")
    )
    offer = models.ForeignKey(
        Offer, models.PROTECT, related_name="redemptions", verbose_name=_("offer")
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        related_name="redemptions",
        verbose_name=_("customer"),
    )
    order_reference = models.CharField(_("order number"), max_length=64)
    cart_total = models.DecimalField(_("cart"), max_digits=14, decimal_places=2)
    discount = models.DecimalField(_("discount"), max_digits=14, decimal_places=2)
    state = models.CharField(
        _("state"), max_length=12, choices=RedemptionState, default=RedemptionState.REDEEMED
    )
    redeemed_at = models.DateTimeField(_("redeemed at"))
    rolled_back_at = models.DateTimeField(_("rolled back at"), null=True)
    reference = models.CharField(max_length=300, unique=True)
    note = models.CharField(_("note"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        constraints = [
            models.CheckConstraint(
                condition=Q(discount__gte=0) & Q(discount__lte=F("cart_total")),
                name="redemption_discounts_no_more_than_the_cart",
            ),
            models.UniqueConstraint(
                fields=["voucher", "order_reference"],
                condition=Q(state=RedemptionState.REDEEMED),
                name="voucher_stands_once_per_order",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-redeemed_at"], name="redemption_of_customer"),
            models.Index(fields=["-redeemed_at", "-id"], name="redemption_newest_first"),
        ]

    def __str__(self) -> str:
        return self.order_reference


class RedemptionLine(models.Model):
    """The share of the discount that falls on one article, kept for refunds."""

    redemption = models.ForeignKey(Redemption, models.CASCADE, related_name="lines")
    sku = models.CharField(_("SKU"), max_length=64)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    discount = models.DecimalField(_("discount"), max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(discount__gte=0) & Q(discount__lte=F("total")),
                name="redemption_line_is_never_negative",
            )
        ]

    def __str__(self) -> str:
        return self.sku
