"""Customers as programs tell and read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from common.fields import Moment, Named
from customers.catalogue import categories_of
from customers.enums import (
    Category,
    Gender,
    RfmGroup,
)
from customers.models import (
    Customer,
    CustomerMetrics,
)
from customers.queries.attributes import attributes, zone_of_values
from customers.queries.gates import withheld_from_programs
from customers.queries.identity import called
from customers.rules import normal_email, normal_phone
from customers.rules.attributes import Attribute, Value, read_json
from customers.rules.cells import Unreadable
from customers.rules.tags import LONGEST, MOST, normal_tag
from customers.rules.tax_ids import normal_tax_id


class NamedCustomer(Named):
    """A customer by the shop's own number; one that was merged names the record that stayed."""

    def record_called(self, name: str) -> Customer | None:
        return called(name)


def customer_field(**options: Any) -> Named:
    """Return a field that names a customer by the shop's own number."""
    return NamedCustomer(Customer.objects.present(), by="external_id", max_length=64, **options)


class NormalEmail(serializers.EmailField):
    def to_internal_value(self, data: Any) -> str:
        return normal_email(super().to_internal_value(data))


class NormalPhone(serializers.CharField):
    """A number as people write it, kept as E.164; without a prefix it is the shop's country's."""

    default_error_messages = {
        "not_a_phone": _("This is not a phone number. Write it with area code: (11) 98765-4321.")
    }

    def to_internal_value(self, data: Any) -> str:
        number = normal_phone(super().to_internal_value(data), country=settings.SHOP_COUNTRY)
        if number is None:
            self.fail("not_a_phone")
        return number


class TaxId(serializers.CharField):
    """A CPF or CNPJ with or without points and strokes, kept without."""

    default_error_messages = {
        "not_a_tax_id": _("This is not a CPF or CNPJ: its check digits are wrong.")
    }

    def to_internal_value(self, data: Any) -> str:
        number = normal_tax_id(super().to_internal_value(data))
        if number is None:
            self.fail("not_a_tax_id")
        return number


@extend_schema_field({"type": "object", "additionalProperties": {}, "example": {"shoe_size": 38}})
class AttributeValues(serializers.Field):
    """Values by the code of their attribute; null or an empty text clears one."""

    default_error_messages = {
        "not_named": _("Expected attributes by name."),
        "unknown": _("There is no attribute with this name."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Value | None]:
        if not isinstance(data, dict):
            self.fail("not_named")
        known, zone = attributes(), zone_of_values()
        values: dict[str, Value | None] = {}
        wrong = {
            code: [ErrorDetail(str(self.error_messages["unknown"]), code="unknown")]
            for code in data.keys() - known.keys()
        }
        for code in data.keys() & known.keys():
            try:
                values[code] = read_json(known[code], data[code], zone=zone)
            except Unreadable as refusal:
                wrong[code] = [ErrorDetail(refusal.sentence, code=refusal.reason)]
        if wrong:
            raise serializers.ValidationError(
                {code: wrong[code] for code in data if code in wrong}
            )
        return values


class CustomerFacts(serializers.Serializer):
    """What may be said of a customer; a field left out stays as it is, an empty one is cleared."""

    email = NormalEmail(max_length=254, allow_blank=True, required=False)
    phone = NormalPhone(max_length=40, allow_blank=True, required=False)
    tax_id = TaxId(
        max_length=40, allow_blank=True, required=False, help_text="A Brazilian CPF or CNPJ."
    )
    first_name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    last_name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    birth_date = serializers.DateField(
        allow_null=True,
        required=False,
        help_text="Of it stays what the shop keeps; 1904 stands for a year that is not kept.",
    )
    gender = serializers.ChoiceField(Gender.choices, allow_blank=True, required=False)
    language = serializers.RegexField(
        "^[A-Za-z]{2}(-[A-Za-z]{2})?$", allow_blank=True, required=False
    )
    timezone = serializers.CharField(max_length=64, allow_blank=True, required=False)
    country = serializers.RegexField("^[A-Za-z]{2}$", allow_blank=True, required=False)
    state = serializers.CharField(max_length=64, allow_blank=True, required=False)
    city = serializers.CharField(max_length=100, allow_blank=True, required=False)
    postal_code = serializers.CharField(max_length=16, allow_blank=True, required=False)
    interests = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=50, required=False
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST), max_length=MOST, required=False
    )
    attributes = AttributeValues(required=False)
    registered_at = Moment(required=False)

    def validate_language(self, language: str) -> str:
        return language.lower()

    def validate_tags(self, tags: list[str]) -> list[str]:
        return sorted({normal_tag(tag) for tag in tags})

    def validate_country(self, country: str) -> str:
        return country.upper()

    def validate_timezone(self, name: str) -> str:
        if name and name not in available_timezones():
            raise serializers.ValidationError(_("Name a time zone such as America/Sao_Paulo."))
        return name

    def validate_birth_date(self, born: date | None) -> date | None:
        if born and not date(1900, 1, 1) <= born <= self.context["today"]:
            raise serializers.ValidationError(_("Nobody alive was born on this day."))
        return born


CATEGORIES_OF_FACTS = categories_of(Customer)
CATEGORIES_OF_METRICS = categories_of(CustomerMetrics)


class MetricsSerializer(serializers.ModelSerializer):
    average = serializers.DecimalField(
        max_digits=14, decimal_places=2, read_only=True, allow_null=True
    )
    days_between_orders = serializers.FloatField(read_only=True, allow_null=True)
    last_seen_at = serializers.DateTimeField(read_only=True, allow_null=True)
    rfm_group = serializers.ChoiceField(RfmGroup.choices, read_only=True, allow_null=True)
    growth_share = serializers.FloatField(read_only=True, allow_null=True)

    class Meta:
        model = CustomerMetrics
        fields = (
            *("order_count", "spend", "average", "first_order_at", "last_order_at"),
            *("days_between_orders", "last_seen_at", "last_open_at", "last_click_at"),
            *("rfm_group", "buys", "year_spend", "growth_potential", "growth_share"),
        )
        extra_kwargs = {name: {"allow_null": True} for name in ("order_count", "spend", "buys")}


# What a customer is called by, and when the record changed: said of everybody.
ALWAYS_TOLD = frozenset({"external_id", "updated_at", "attributes", "metrics"})


class CustomerSerializer(serializers.ModelSerializer):
    """A customer as a program is told of them; what is ``withheld`` is null."""

    # Described as they are: an address or a gender that nobody knows is empty.
    email = serializers.CharField(read_only=True, allow_null=True)
    gender = serializers.ChoiceField(
        Gender.choices, allow_blank=True, read_only=True, allow_null=True
    )
    attributes = serializers.SerializerMethodField(help_text="Values of the attributes in use.")
    metrics = MetricsSerializer(read_only=True, allow_null=True)
    withheld = serializers.SerializerMethodField(
        help_text="The fields that are null because the person forbade their use for orders and "
        "service, or did not allow the use of what is sensitive: `phone`, `metrics.buys`, "
        "`attributes.blood_type`. Null and not named here is not known."
    )

    class Meta:
        model = Customer
        fields = (
            "external_id",
            "email",
            "phone",
            "tax_id",
            "first_name",
            "last_name",
            "birth_date",
            "gender",
            "language",
            "timezone",
            "country",
            "state",
            "city",
            "postal_code",
            "stage",
            "interests",
            "tags",
            "attributes",
            "registered_at",
            "updated_at",
            "metrics",
            "withheld",
        )
        read_only_fields = fields
        extra_kwargs = {name: {"allow_null": True} for name in fields if name not in ALWAYS_TOLD}

    @cached_property
    def in_use(self) -> Mapping[str, Attribute]:
        """Return the attributes to show, asked for once a list."""
        return attributes()

    @cached_property
    def forbidden(self) -> Mapping[int, frozenset[Category]]:
        """Return what may not be told of each customer, asked for once a list."""
        shown = self.root.instance
        people = [shown] if isinstance(shown, Customer) else shown or []
        return withheld_from_programs([customer.pk for customer in people])

    def to_representation(self, customer: Customer) -> dict[str, Any]:
        told = super().to_representation(customer)
        for name in told["withheld"]:
            field, _dot, inner = name.partition(".")
            if inner:
                told[field][inner] = None
            else:
                told[field] = None
        return told

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_withheld(self, customer: Customer) -> list[str]:
        forbidden = self.forbidden.get(customer.pk, frozenset(Category))
        facts = [
            name
            for name, category in CATEGORIES_OF_FACTS.items()
            if category in forbidden and name in self.fields and name not in ALWAYS_TOLD
        ]
        if getattr(customer, "metrics", None):
            known = MetricsSerializer.Meta.fields
            of_metrics = CATEGORIES_OF_METRICS.items()
            facts += [
                f"metrics.{it}" for it, one in of_metrics if it in known and one in forbidden
            ]
        return facts + [
            f"attributes.{code}"
            for code in customer.attributes
            if code in self.in_use and self.in_use[code].category in forbidden
        ]

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_attributes(self, customer: Customer) -> dict[str, Value]:
        values: dict[str, Value] = customer.attributes
        return {code: value for code, value in values.items() if code in self.in_use}


class OtherRecord(serializers.Serializer):
    """The record that is merged into this one; told again, it is the same merge."""

    other = Named(Customer.objects.filter(erased_at=None), by="external_id", max_length=64)
