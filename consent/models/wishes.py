from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from consent.enums import TopicKind
from consent.rules.wishes import LONGEST_GAP, Topic
from customers.models import Customer


class Wish(models.Model):
    """How often a person wants to hear from us; it narrows, and never permits.

    A pause ends by itself: ``paused_until`` in the past says nothing.
    """

    customer = models.OneToOneField(
        Customer, models.CASCADE, related_name="wish", verbose_name=_("customer")
    )
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    at_most_every_days = models.PositiveSmallIntegerField(
        _("at most one message in so many days"), null=True, blank=True
    )
    changed_at = models.DateTimeField(_("changed at"), default=now)

    class Meta:
        verbose_name = _("wish about messages")
        verbose_name_plural = _("wishes about messages")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(at_most_every_days=None)
                | Q(at_most_every_days__range=(1, LONGEST_GAP)),
                name="wish_leaves_one_day_to_one_year_between_messages",
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}:{self.at_most_every_days}"


class MutedTopic(models.Model):
    """Something that a person does not want to be reminded of.

    ``value`` is a product's sku, the path of a product category (what lies below it is meant as
    well), or an ``Occasion``.
    """

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="muted_topics", verbose_name=_("customer")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=TopicKind)
    value = models.CharField(_("topic"), max_length=255)
    since = models.DateTimeField(_("since"), default=now)

    class Meta:
        verbose_name = _("muted topic")
        verbose_name_plural = _("muted topics")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "value"], name="muted_topic_once_per_customer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    @property
    def topic(self) -> Topic:
        return Topic(TopicKind(self.kind), self.value)
