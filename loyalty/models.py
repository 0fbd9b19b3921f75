from datetime import datetime
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, ImportJob, Order
from loyalty.enums import AccountKind, ClosingStep, TransactionKind


class Programme(models.Model):
    """The terms: how many points a unit of money earns, and how long points live."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    points_per_unit = models.DecimalField(
        _("points per unit of money"),
        max_digits=8,
        decimal_places=4,
        default=1,
        validators=[MinValueValidator(0)],
    )
    expiry_months = models.PositiveIntegerField(
        _("months until points expire"),
        null=True,
        blank=True,
        default=12,
        help_text=_("Empty: never. Points that members have keep the date they were given."),
    )
    tier_window_months = models.PositiveIntegerField(
        _("months of spend that decide the tier"),
        default=12,
        help_text=_("A tier that is reached is safe for as long."),
    )

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")

    def __str__(self) -> str:
        return self.name


class Tier(models.Model):
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="tiers")
    name = models.CharField(_("name"), max_length=50)
    rank = models.PositiveSmallIntegerField(_("rank"), help_text=_("1 is the lowest."))
    minimum_spend = models.DecimalField(
        _("spend from"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)]
    )

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ("programme", "rank")
        constraints = [
            models.UniqueConstraint(fields=["programme", "rank"], name="tier_once_per_rank"),
            models.UniqueConstraint(fields=["programme", "name"], name="tier_once_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A customer in the programme."""

    customer = models.OneToOneField(
        Customer, models.PROTECT, related_name="member", verbose_name=_("customer")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="members", verbose_name=_("programme")
    )
    tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, related_name="members", verbose_name=_("tier")
    )
    tier_since = models.DateTimeField(_("in the tier since"), null=True)
    # Until then nothing lowers the tier (loyalty.rules.standing).
    tier_until = models.DateTimeField(_("tier is safe until"), null=True)
    joined_at = models.DateTimeField(_("joined at"), default=now)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        permissions = [("adjust_points", _("Can adjust points"))]

    def __str__(self) -> str:
        return str(self.customer)


class Account(models.Model):
    """A place where points are; the programme's books have no member.

    A member's ``balance`` is kept by the operation that posts and must equal the sum of the
    entries. A book keeps none: every till of the shop would wait for its one row.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="accounts")
    member = models.OneToOneField(Member, models.PROTECT, null=True, related_name="account")
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind)
    balance = models.BigIntegerField(_("balance"), null=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "kind"],
                condition=Q(member=None),
                name="book_once_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(member=None) ^ Q(kind=AccountKind.AVAILABLE),
                name="available_points_are_a_members",
            ),
            models.CheckConstraint(
                condition=Q(member=None) | Q(balance__gte=0),
                name="member_never_owes_points",
            ),
            models.CheckConstraint(
                condition=Q(member=None) ^ Q(balance__isnull=False),
                name="balance_is_kept_for_members_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.member_id}"


class TransactionQuerySet(models.QuerySet["Transaction"]):
    def with_points(self) -> Self:
        """Add ``points``: what the member got, or gave if negative."""
        theirs = Entry.objects.filter(transaction=OuterRef("pk"), account__member__isnull=False)
        points = Coalesce(Subquery(theirs.values("points")), 0)
        return self.annotate(points=points)


class Transaction(models.Model):
    """Points moved for one reason; the database checks at commit that the entries sum to zero."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="transactions", verbose_name=_("member")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=TransactionKind)
    occurred_at = models.DateTimeField(_("occurred at"))
    recorded_at = models.DateTimeField(_("recorded at"), default=now)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reference = models.CharField(_("reference"), max_length=128, unique=True)
    # Set by ``with_points``.
    points: int

    objects = TransactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("points transaction")
        verbose_name_plural = _("points transactions")
        indexes = [models.Index(fields=["member", "-occurred_at"], name="transaction_of_member")]

    def __str__(self) -> str:
        return self.reference


class Entry(models.Model):
    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries")
    points = models.BigIntegerField(_("points"))

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="entry_moves_points"),
            models.UniqueConstraint(
                fields=["transaction", "account"], name="entry_once_per_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points:+d}"


class LotQuerySet(models.QuerySet["Lot"]):
    def live(self, *, at: datetime) -> Self:
        """Return the lots that points can be spent from."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gte=at), remaining__gt=0)

    def overdue(self, *, at: datetime) -> Self:
        return self.filter(expires_at__lt=at, remaining__gt=0)


class Lot(models.Model):
    """Points earned together, which expire together; spending takes the earliest expiry first.

    ``expires_at`` is the last moment at which they are good. ``remaining`` must equal ``points``
    less the draws.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="lots")
    transaction = models.OneToOneField(Transaction, models.PROTECT, related_name="lot")
    points = models.PositiveBigIntegerField(_("points"))
    remaining = models.PositiveBigIntegerField(_("remaining"))
    expires_at = models.DateTimeField(_("expires at"), null=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__lte=F("points")), name="lot_keeps_no_more_than_it_got"
            )
        ]
        indexes = [
            models.Index(
                fields=["member", "expires_at"],
                condition=Q(remaining__gt=0),
                name="lot_to_spend",
            ),
            models.Index(
                fields=["expires_at"], condition=Q(remaining__gt=0), name="lot_to_expire"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.points}"


class Draw(models.Model):
    """What a transaction took from a lot, written once."""

    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="draws")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="draws")
    points = models.PositiveBigIntegerField(_("points"))

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="draw_takes_points"),
            models.UniqueConstraint(fields=["transaction", "lot"], name="draw_once_per_lot"),
        ]

    def __str__(self) -> str:
        return f"-{self.points}"


class OrderPoints(models.Model):
    """What an order has earned: written when it is first settled, kept in line with it since.

    ``rate`` is the points a unit of money that held then: an order that changes later earns and
    gives back at its own rate. ``earned`` is all it ever earned, ``points`` what it deserves as
    it stands, ``reclaimed`` what was asked back, whether or not anybody held it still.
    ``postings`` numbers the references of its transactions. It outlives an order that was taken
    back with its import: what that one earned is still to be given back.
    """

    order = models.OneToOneField(
        Order,
        models.DO_NOTHING,
        primary_key=True,
        related_name="order_points",
        db_constraint=False,
    )
    rate = models.DecimalField(max_digits=8, decimal_places=4)
    points = models.PositiveBigIntegerField(default=0)
    earned = models.PositiveBigIntegerField(default=0)
    reclaimed = models.PositiveBigIntegerField(default=0)
    postings = models.PositiveIntegerField(default=0)

    class Meta:
        # No page shows it.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(points__lte=F("earned"), reclaimed__lte=F("earned")),
                name="order_gives_back_no_more_points_than_it_earned",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.points}"


class OrderUndo(models.Model):
    """A file of orders that was taken back, whose points are still to follow, as with the import.

    The undo keeps for 72 hours which orders they were.
    """

    job = models.OneToOneField(ImportJob, models.CASCADE, primary_key=True)
    last_order = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        # Nobody opens it: a task writes it for itself.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.job_id)


class OrderImport(models.Model):
    """A file of orders whose points are still to be settled: the row is the promise.

    A task goes on after ``last_order``, the id of the last order settled.
    """

    job = models.OneToOneField(ImportJob, models.CASCADE, primary_key=True)
    last_order = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.job_id)


class Closing(models.Model):
    """The end of a day of the shop, at the moment ``at``: the row is the promise.

    A task goes on with ``step`` after ``last_member``, the id of the last member seen.
    """

    day = models.DateField(primary_key=True)
    at = models.DateTimeField()
    step = models.CharField(max_length=6, choices=ClosingStep, default=ClosingStep.EXPIRY)
    last_member = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        # No page shows it.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.day)
