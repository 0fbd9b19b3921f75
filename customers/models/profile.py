from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat, Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from customers.enums import CaseStatus, ContactChannel, Gender, Stage
from customers.models.imports import ImportJob
from customers.rules import written_phone
from customers.rules.birth_dates import knows_year
from customers.rules.tags import LONGEST
from customers.rules.tax_ids import masked_tax_id, written_tax_id


def new_external_id() -> str:
    """Return the shop's name for a customer that came without one."""
    return f"c-{uuid4().hex[:16]}"


class Plain(Func):
    """Text without accents, in an immutable function (migration 0001): it can be stored."""

    function = "plain_text"
    output_field = models.TextField()


class CustomerQuerySet(models.QuerySet["Customer"]):
    def present(self) -> Self:
        """Leave out the erased, and records that were merged into another."""
        return self.filter(erased_at=None, merged_into=None)


class Customer(models.Model):
    """A person who buys, or may.

    E-mail and phone are normalised and need not be unique; ``external_id`` is the shop's own name
    for the person, unique and never empty.
    """

    external_id = models.CharField(
        _("customer number"), max_length=64, unique=True, default=new_external_id
    )
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    # Only digits, and since 2026 letters: customers.rules.tax_ids.
    tax_id = models.CharField(
        _("CPF or CNPJ"), max_length=14, blank=True, default="", db_default=""
    )
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    state = models.CharField(_("state"), max_length=64, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True)
    stage = models.CharField(_("stage"), max_length=8, choices=Stage, default=Stage.PROSPECT)
    interests = ArrayField(
        models.CharField(max_length=64), verbose_name=_("interests"), default=list, blank=True
    )
    tags = ArrayField(
        models.CharField(max_length=LONGEST),
        verbose_name=_("tags"),
        default=list,
        db_default=[],
        blank=True,
    )
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    registered_at = models.DateTimeField(_("registered at"), default=now)
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=now, editable=False)
    erased_at = models.DateTimeField(_("erased at"), null=True, editable=False)
    # The one record that speaks for the person; it is never merged itself.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="merged", db_index=False
    )
    # Kept beside the addresses by whatever writes them: blocked addresses are known by hash alone.
    email_hash = models.BinaryField(null=True, max_length=32)
    phone_hash = models.BinaryField(null=True, max_length=32)
    # Nothing points to the job but this note; a deleted job leaves the people it brought.
    imported_by = models.ForeignKey(
        ImportJob,
        models.SET_NULL,
        null=True,
        editable=False,
        # A million rows of one file would ask a million times whether their one job exists.
        db_constraint=False,
    )

    plain_name = models.GeneratedField(
        expression=Plain(Lower(Concat("first_name", Value(" "), "last_name"))),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index(fields=["email"], name="customer_by_email", condition=~Q(email="")),
            models.Index(fields=["phone"], name="customer_by_phone", condition=~Q(phone="")),
            models.Index(fields=["tax_id"], name="customer_by_tax_id", condition=~Q(tax_id="")),
            models.Index(fields=["plain_name", "id"], name="customer_by_name"),
            models.Index(fields=["-registered_at", "-id"], name="customer_newest_first"),
            # A few of the tagged say which tags there are.
            models.Index(fields=["-id"], name="customer_with_tags", condition=~Q(tags=[])),
            models.Index(
                fields=["merged_into"],
                name="customer_merged_into",
                condition=~Q(merged_into=None),
            ),
            GinIndex(
                OpClass(F("plain_name"), name="gin_trgm_ops"), name="customer_by_part_of_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def knows_birth_year(self) -> bool:
        return knows_year(self.birth_date)

    @property
    def written_phone(self) -> str:
        return written_phone(self.phone)

    @property
    def written_tax_id(self) -> str:
        return written_tax_id(self.tax_id)

    @property
    def masked_tax_id(self) -> str:
        return masked_tax_id(self.tax_id)


class Case(models.Model):
    """A complaint or a question, and how it ended."""

    reference = models.CharField(_("reference"), max_length=64, unique=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="cases", verbose_name=_("customer")
    )
    channel = models.CharField(_("channel"), max_length=8, choices=ContactChannel)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    status = models.CharField(
        _("status"), max_length=8, choices=CaseStatus, default=CaseStatus.OPEN
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("agent"),
    )
    opened_at = models.DateTimeField(_("opened at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolution = models.TextField(_("resolution"), blank=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            models.Index(fields=["customer", "-opened_at"], name="case_of_customer"),
            # The list: whatever waits for somebody first.
            models.Index(fields=["status", "-opened_at", "-id"], name="case_by_status"),
        ]

    def __str__(self) -> str:
        return self.subject
