from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import (
    Case,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    Value,
    When,
)
from django.db.models.functions import Cast, Extract, Greatest, NullIf, Round
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.enums import RfmGroup, Tenure
from customers.models.profile import Customer
from customers.rules.rfm import GROUPS

SECONDS_A_DAY = 24 * 60 * 60


class GroupOf(Func):
    """The name of the group in a place of the table of all cells, from 111 to 555."""

    names = ",".join(GROUPS[cell] for cell in sorted(GROUPS))
    template = f"('{{{names}}}'::text[])[%(expressions)s]"
    output_field = models.CharField()


class PeerGroup(models.Model):
    """Customers alike enough to compare what they spend: of one tenure and place.

    ``country`` and ``state`` are empty where a wider circle had to be taken. ``best`` is what the
    best tenth of them spent at least in the year before ``measured_at``; groups of an earlier
    night count no more.
    """

    tenure = models.CharField(max_length=10, choices=Tenure)
    country = models.CharField(max_length=2, blank=True)
    state = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField()
    best = models.DecimalField(max_digits=14, decimal_places=2)
    measured_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["tenure", "country", "state"], name="peer_group_once_per_tenure_and_place"
            )
        ]

    def __str__(self) -> str:
        """Say who they are: "customers of one to three years in SP, BR"."""
        place = ", ".join(filter(None, (self.state, self.country)))
        facts = {"tenure": self.get_tenure_display(), "place": place}
        if place:
            return gettext("customers %(tenure)s in %(place)s") % facts
        return gettext("customers %(tenure)s") % facts


class CustomerMetrics(models.Model):
    """What a customer's orders and events add up to.

    ``spend`` is what was paid for orders that stand (neither cancelled nor returned). The scores
    of recency, frequency and monetary value go from 1 to 5 by the latest ``ScoreCuts``; NULL for
    whoever has no order, and before there are cuts. These are written in the transaction of the
    order; the ``last_…`` of events by a consumer of the timeline, seconds later; what somebody
    ``buys``, the categories most is spent on in a year, every night, and so what they spent in a
    year and by how much the best of their ``peers`` spent more; NULL for whoever has no order, and
    where too few are alike.
    """

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="metrics"
    )
    order_count = models.PositiveIntegerField(_("orders"), default=0, db_default=0)
    spend = models.DecimalField(
        _("spend"), max_digits=14, decimal_places=2, default=0, db_default=0
    )
    first_order_at = models.DateTimeField(_("first order"), null=True)
    last_order_at = models.DateTimeField(_("last order"), null=True)
    recency_score = models.PositiveSmallIntegerField(_("recency"), null=True)
    frequency_score = models.PositiveSmallIntegerField(_("frequency"), null=True)
    monetary_score = models.PositiveSmallIntegerField(_("monetary value"), null=True)
    last_event_at = models.DateTimeField(null=True, editable=False)
    last_open_at = models.DateTimeField(_("last message opened"), null=True)
    last_click_at = models.DateTimeField(_("last link followed"), null=True)
    buys = ArrayField(
        models.CharField(max_length=200), verbose_name=_("buys"), default=list, db_default=[]
    )

    year_spend = models.DecimalField(
        _("spend in 12 months"), max_digits=14, decimal_places=2, null=True
    )
    # Nobody looks for the members of a group by it.
    peers = models.ForeignKey(PeerGroup, models.SET_NULL, null=True, db_index=False)
    growth_potential = models.DecimalField(
        _("growth potential"), max_digits=14, decimal_places=2, null=True
    )

    growth_share = models.GeneratedField(
        verbose_name=_("growth potential, share"),
        expression=Case(
            When(growth_potential=0, then=Value(0.0)),
            default=Cast(
                F("growth_potential") / (F("growth_potential") + F("year_spend")), FloatField()
            ),
        ),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )
    last_seen_at = models.GeneratedField(
        verbose_name=_("last seen"),
        expression=Greatest("last_event_at", "last_order_at"),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    average = models.GeneratedField(
        verbose_name=_("average order"),
        expression=Case(
            When(order_count__gt=0, then=Round(F("spend") / F("order_count"), precision=2))
        ),
        output_field=models.DecimalField(max_digits=14, decimal_places=2, null=True),
        db_persist=True,
    )
    days_between_orders = models.GeneratedField(
        verbose_name=_("days between orders"),
        expression=Extract(
            ExpressionWrapper(
                F("last_order_at") - F("first_order_at"), output_field=DurationField()
            ),
            "epoch",
        )
        / SECONDS_A_DAY
        / NullIf(F("order_count") - 1, Value(0)),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )
    rfm_group = models.GeneratedField(
        verbose_name=_("RFM group"),
        expression=GroupOf(
            F("recency_score") * 25 + F("frequency_score") * 5 + F("monetary_score") - 30
        ),
        output_field=models.CharField(max_length=20, null=True),
        choices=RfmGroup.choices,
        db_persist=True,
    )

    class Meta:
        verbose_name = _("customer metrics")
        verbose_name_plural = _("customer metrics")
        indexes = [
            models.Index(fields=["last_order_at"], name="metrics_by_last_order"),
            models.Index(fields=["spend"], name="metrics_by_spend"),
        ]

    def __str__(self) -> str:
        return str(self.customer_id)


class ScoreCuts(models.Model):
    """From which values on the scores 2, 3, 4 and 5 are given; the latest row counts.

    A list is shorter where so many customers are alike that nobody gets the highest scores.
    """

    recency = ArrayField(models.DateTimeField())
    frequency = ArrayField(models.BigIntegerField())
    monetary = ArrayField(models.DecimalField(max_digits=14, decimal_places=2))
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.set_at:%Y-%m-%d}"
