"""What the API reads and shows of customers, orders and the timeline."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from common.enums import PostOutcome
from common.fields import Moment, Named
from customers.enums import (
    ContactChannel,
    DisabledReason,
    Gender,
    OrderStatus,
    RfmGroup,
    StartRule,
)
from customers.models import (
    AttributeDefinition,
    Cart,
    Case,
    Customer,
    CustomerMetrics,
    Event,
    ImportJob,
    Order,
    OrderLine,
    RejectedRow,
    SurveyAnswer,
    WebhookDelivery,
    WebhookSubscription,
)
from customers.operations.imports import touches, undoable_until
from customers.operations.ingesting import EventReport
from customers.operations.orders import Returned
from customers.queries.attributes import attributes, zone_of_values
from customers.queries.history import describe
from customers.queries.identity import called
from customers.queries.imports import Progress, earlier_imports, progress
from customers.queries.timeline import event_kinds, kinds_called
from customers.rules import EventKind, normal_email, normal_phone
from customers.rules.attributes import Value, read_json
from customers.rules.cells import Unreadable
from customers.rules.returns import Line
from customers.rules.tags import LONGEST, MOST, normal_tag
from customers.rules.tax_ids import normal_tax_id
from customers.rules.telling import EventBatch
from customers.rules.webhooks import shown_details

MOST_CHOICES = 200
MOST_ORDERS = 100
LARGEST_TOTAL = Decimal(10) ** 12


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
    birth_date = serializers.DateField(allow_null=True, required=False)
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


class MetricsSerializer(serializers.ModelSerializer):
    average = serializers.DecimalField(
        max_digits=14, decimal_places=2, read_only=True, allow_null=True
    )
    days_between_orders = serializers.FloatField(read_only=True, allow_null=True)
    last_seen_at = serializers.DateTimeField(read_only=True, allow_null=True)
    rfm_group = serializers.ChoiceField(RfmGroup.choices, read_only=True, allow_null=True)

    class Meta:
        model = CustomerMetrics
        fields = (
            *("order_count", "spend", "average", "first_order_at", "last_order_at"),
            *("days_between_orders", "last_seen_at", "last_open_at", "last_click_at"),
            *("rfm_group", "buys"),
        )


class CustomerSerializer(serializers.ModelSerializer):
    # Described as they are: an address or a gender that nobody knows is empty.
    email = serializers.CharField(read_only=True)
    gender = serializers.ChoiceField(Gender.choices, allow_blank=True, read_only=True)
    attributes = serializers.SerializerMethodField(help_text="Values of the attributes in use.")
    metrics = MetricsSerializer(read_only=True, allow_null=True)

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
        )
        read_only_fields = fields

    @cached_property
    def in_use(self) -> Collection[str]:
        """Return the attributes to show, asked for once a list."""
        return attributes().keys()

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_attributes(self, customer: Customer) -> dict[str, Value]:
        values: dict[str, Value] = customer.attributes
        return {code: value for code, value in values.items() if code in self.in_use}


class AttributeSerializer(serializers.ModelSerializer):
    """A fact about customers; ``choices`` are the words of a choice or a list."""

    is_retired = serializers.SerializerMethodField()

    class Meta:
        model = AttributeDefinition
        fields = ("code", "label", "type", "choices", "category", "is_retired")
        # The same again is no mistake: the operation judges what is new.
        extra_kwargs = {
            "code": {"validators": [], "max_length": 64},
            "choices": {"max_length": MOST_CHOICES},
        }

    def get_is_retired(self, definition: AttributeDefinition) -> bool:
        return definition.retired_at is not None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            AttributeDefinition(**attrs).full_clean(validate_unique=False)
        except ValidationError as refusal:
            raise serializers.ValidationError(refusal.message_dict) from refusal
        return attrs


class OtherRecord(serializers.Serializer):
    """The record that is merged into this one; told again, it is the same merge."""

    other = Named(Customer.objects.filter(erased_at=None), by="external_id", max_length=64)


class EventSerializer(serializers.ModelSerializer):
    sentence = serializers.SerializerMethodField(help_text="In the language of the request.")
    details = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = ("kind", "sentence", "details", "occurred_at", "recorded_at", "historic")

    @cached_property
    def known_kinds(self) -> dict[str, EventKind | None]:
        """Return the kinds that are known so far: the staff's are asked for once a list."""
        return dict(event_kinds())

    def get_sentence(self, event: Event) -> str:
        known = self.known_kinds
        if event.kind not in known:
            known[event.kind] = kinds_called([event.kind]).get(event.kind)
        kind = known[event.kind]
        return describe(kind, event.data) if kind else event.kind

    @extend_schema_field({"type": "object"})
    def get_details(self, event: Event) -> dict[str, Any]:
        return shown_details(event.data)


EVENTS = {
    "operationId": "events_create",
    "summary": "Tell what customers did, 1 to 1,000 events at once.",
    "description": (
        "Each event is judged by itself: good ones are kept, and `errors` says why others are "
        "not. `reference` makes a repeat harmless. Pages, searches, visits and locations keep "
        "the customer only with permission; otherwise they are counted without one. Kinds are "
        "declared by the program or in the back office, each with its details."
    ),
    "request": EventBatch,
    "responses": {
        200: (EventReport, "All events are kept."),
        207: (EventReport, "Some events are refused; the others are kept."),
    },
}


class LineSerializer(serializers.ModelSerializer):
    """``total`` is what is paid for all units of the line, after ``discount``."""

    number = serializers.IntegerField(read_only=True, help_text="The first line is 1.")
    sku = serializers.CharField(source="product.sku", max_length=64)
    quantity = serializers.DecimalField(12, 3, min_value=Decimal("0.001"))
    total = serializers.DecimalField(14, 2, min_value=Decimal(0))
    discount = serializers.DecimalField(14, 2, min_value=Decimal(0), default=Decimal(0))

    returned_quantity = serializers.DecimalField(
        12,
        3,
        min_value=Decimal(0),
        required=False,
        help_text="How many units have come back by now, in all; left out, what is known stays.",
    )
    returned_total = serializers.DecimalField(
        14, 2, read_only=True, help_text="What was given back for them: their share of `total`."
    )

    class Meta:
        model = OrderLine
        fields = (
            "number",
            "sku",
            "quantity",
            "total",
            "discount",
            "returned_quantity",
            "returned_total",
        )

    def to_internal_value(self, data: Any) -> Line:
        line = super().to_internal_value(data)
        return Line(
            line["product"]["sku"],
            line["quantity"],
            line["total"],
            line["discount"],
            line.get("returned_quantity"),
        )


class OrderSerializer(serializers.ModelSerializer):
    """An order as the shop tells it; told again with the same number, it is brought up to date.

    ``net_total`` is what stands of it: its total less what was given back, nothing once it is
    cancelled or returned.
    """

    external_id = serializers.CharField(max_length=64)
    customer = customer_field()
    ordered_at = Moment()
    status = serializers.ChoiceField(
        OrderStatus.choices,
        required=False,
        help_text="Left out, a new order is placed, and a known one stays what it is.",
    )
    store = serializers.CharField(max_length=64, allow_blank=True, default="")
    cart = serializers.CharField(
        max_length=64,
        default="",
        allow_blank=True,
        write_only=True,
        help_text="The cart that became this order, by its number.",
    )
    lines = LineSerializer(many=True, allow_empty=False, max_length=1000)  # type: ignore[call-arg]
    total = serializers.DecimalField(14, 2, read_only=True)
    discount = serializers.DecimalField(14, 2, read_only=True)
    returned_total = serializers.DecimalField(14, 2, read_only=True)
    net_total = serializers.DecimalField(14, 2, read_only=True)

    class Meta:
        model = Order
        fields = (
            "external_id",
            "customer",
            "ordered_at",
            "status",
            "store",
            "cart",
            "lines",
            "total",
            "discount",
            "returned_total",
            "net_total",
        )

    def validate_lines(self, lines: list[Line]) -> list[Line]:
        for amounts in ([line.total for line in lines], [line.discount for line in lines]):
            if sum(amounts) >= LARGEST_TOTAL:
                raise serializers.ValidationError(_("No order is worth that much."))
        return lines

    def validate_status(self, status: str) -> OrderStatus:
        return OrderStatus(status)


@extend_schema_field(OrderSerializer(many=True))
class UnreadOrders(serializers.ListField):
    """Orders that are read one by one later, so that a bad one does not stop the others."""


class OrderBatch(serializers.Serializer):
    """Several orders, each judged by itself."""

    orders = UnreadOrders(min_length=1, max_length=MOST_ORDERS)


class RefusedOrder(serializers.Serializer):
    index = serializers.IntegerField(help_text="The place in the batch; the first is 0.")
    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(allow_blank=True)


class OrderReport(serializers.Serializer):
    """What became of a batch."""

    accepted = serializers.IntegerField()
    errors = RefusedOrder(many=True)  # type: ignore[assignment]  # a field, not what is wrong


class ReturnedLineSerializer(serializers.Serializer):
    line = serializers.IntegerField(
        min_value=1, max_value=1000, help_text="The line's number in the order; the first is 1."
    )
    quantity = serializers.DecimalField(12, 3, min_value=Decimal("0.001"))

    def to_internal_value(self, data: Any) -> Returned:
        return Returned(**super().to_internal_value(data))


class ReturnSerializer(serializers.Serializer):
    """Units that come back now. The same ``reference`` again takes nothing more."""

    reference = serializers.CharField(max_length=64)
    lines = ReturnedLineSerializer(many=True, allow_empty=False, max_length=1000)  # type: ignore[call-arg]


class CartSerializer(serializers.ModelSerializer):
    external_id = serializers.CharField(max_length=64)
    customer = customer_field()
    total = serializers.DecimalField(14, 2, min_value=Decimal(0))
    item_count = serializers.IntegerField(min_value=0, max_value=100_000)
    changed_at = Moment()

    class Meta:
        model = Cart
        fields = ("external_id", "customer", "total", "item_count", "changed_at", "state")
        read_only_fields = ("state",)


class CaseSerializer(serializers.ModelSerializer):
    reference = serializers.CharField(max_length=50, write_only=True)
    customer = customer_field()
    channel = serializers.ChoiceField(ContactChannel.choices)
    text = serializers.CharField(max_length=10_000, allow_blank=True, default="")

    class Meta:
        model = Case
        fields = ("reference", "customer", "channel", "subject", "text", "status", "opened_at")
        read_only_fields = ("status", "opened_at")


class SurveyAnswerSerializer(serializers.ModelSerializer):
    reference = serializers.CharField(max_length=100, write_only=True)
    customer = customer_field()
    survey = serializers.CharField(max_length=100, allow_blank=True, default="")
    score = serializers.IntegerField(min_value=0, max_value=10)
    comment = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    answered_at = Moment()

    class Meta:
        model = SurveyAnswer
        fields = ("reference", "customer", "survey", "score", "comment", "answered_at")


class WebhookSerializer(serializers.ModelSerializer):
    """Who is told what; a switched-off webhook says in ``disabled_reason`` if we did it."""

    kinds = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=200,
        required=False,
        help_text="Codes such as customers.order_placed; not needed with all_kinds.",
    )
    disabled_reason = serializers.ChoiceField(
        DisabledReason.choices, allow_blank=True, read_only=True
    )

    class Meta:
        model = WebhookSubscription
        fields: tuple[str, ...] = (
            "id",
            "name",
            "url",
            "all_kinds",
            "kinds",
            "content",
            "is_active",
            "disabled_reason",
            "last_success_at",
            "failing_since",
            "created_at",
        )
        read_only_fields = ("id", "last_success_at", "failing_since", "created_at")


class NewWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(
        read_only=True, help_text="What we sign with. It is told once, here."
    )

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")


class DeliverySerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="webhook_id", read_only=True, help_text="The webhook-id.")
    last_outcome = serializers.ChoiceField(PostOutcome.choices, allow_blank=True, read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "kind",
            "state",
            "tries",
            "created_at",
            "next_try_at",
            "delivered_at",
            "last_outcome",
            "last_status",
            "last_seconds",
        )
        read_only_fields = fields


class ReplaySerializer(serializers.Serializer):
    """What to send again: these deliveries, or all that failed since a moment."""

    deliveries = serializers.ListField(
        child=serializers.RegexField(r"^msg_[0-9a-f]{32}\Z"),
        max_length=500,
        min_length=1,
        required=False,
    )
    since = Moment(required=False)

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        if len(told) != 1:
            raise serializers.ValidationError(_("Name either the deliveries or a moment."))
        return told


class ReplayedSerializer(serializers.Serializer):
    count = serializers.IntegerField(help_text="How many are sent again.")


class BroughtFileSerializer(serializers.Serializer):
    """A file to bring in: CSV, or a zip with one."""

    file = serializers.FileField(max_length=200)
    kind = serializers.CharField(help_text="What is in it: customers, orders, points …")
    mapping = serializers.JSONField(
        required=False,
        help_text='Which column fills which field, as {"title": "field"}. Left out, the columns'
        " are what they were last time, or what their titles say.",
    )
    saved_mapping = serializers.CharField(
        default="", max_length=100, help_text="The name of a mapping that was saved."
    )
    matched_by = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=16,
        help_text="By which field customers are matched: email, phone, tax_id; empty is their"
        " number.",
    )
    historic = serializers.BooleanField(
        default=False, help_text="Old rows count, and set off nothing."
    )
    start = serializers.ChoiceField(
        StartRule.choices,
        default=StartRule.ASK,
        source="start_rule",
        help_text="When the checked file comes in: after a call of start (ask), by itself when no"
        " row is rejected (auto), or by itself without the rejected rows (after_check).",
    )

    def validate_mapping(self, mapping: Any) -> dict[str, str]:
        is_one = isinstance(mapping, dict) and all(isinstance(it, str) for it in mapping.values())
        if not is_one:
            raise serializers.ValidationError(
                _("Say which column fills which field: an object of texts.")
            )
        return {title: target for title, target in mapping.items() if target}


class ImportSerializer(serializers.ModelSerializer):
    """An import, and how far it has come."""

    start = serializers.ChoiceField(StartRule.choices, source="start_rule", read_only=True)

    class Meta:
        model = ImportJob
        fields: tuple[str, ...] = (
            "id", "kind", "file_name", "state", "historic", "start", "refusal", "row_count",
            "merged_rows", "created_count", "updated_count", "unchanged_count", "rejected_count",
            "created_at", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class ImportPreviewSerializer(serializers.Serializer):
    """What the check foresaw; ``touched`` says in words what would change besides the rows."""

    # REST framework takes fields out of the class: its own methods stay.
    create = serializers.IntegerField()  # type: ignore[assignment]
    update = serializers.IntegerField()  # type: ignore[assignment]
    unchanged = serializers.IntegerField()
    reject = serializers.IntegerField()
    touched = serializers.SerializerMethodField()

    def get_touched(self, preview: dict[str, Any]) -> list[str]:
        known = touches()
        found = preview.get("touched", [])
        return [str(known[code].said(facts)) for code, facts in found if code in known]


class ImportDetailSerializer(ImportSerializer):
    """An import with its columns, its preview, and earlier imports of the very same file."""

    preview = serializers.SerializerMethodField()
    rows_a_second = serializers.SerializerMethodField(help_text="Null while nobody can tell.")
    seconds_left = serializers.SerializerMethodField(help_text="Null while nobody can tell.")
    same_file = serializers.SerializerMethodField(
        help_text="Imports by which this very file came in before."
    )
    undone = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    undoable_until = serializers.SerializerMethodField(help_text="Null when it cannot be undone.")

    class Meta(ImportSerializer.Meta):
        fields = (
            *ImportSerializer.Meta.fields, "mapping", "preview", "rows_a_second", "seconds_left",
            "matched_by", "same_file", "undone", "undoable_until",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ImportPreviewSerializer(allow_null=True))
    def get_preview(self, job: ImportJob) -> dict[str, Any] | None:
        return ImportPreviewSerializer(job.preview).data if job.preview else None

    @cached_property
    def _progress(self) -> Progress:
        job: Any = self.instance
        return progress(job, at=self.context["at"])

    def get_rows_a_second(self, job: ImportJob) -> int | None:
        return self._progress.rate

    def get_seconds_left(self, job: ImportJob) -> int | None:
        left = self._progress.left
        return None if left is None else round(left.total_seconds())

    def get_same_file(self, job: ImportJob) -> list[int]:
        return list(earlier_imports(job).values_list("pk", flat=True)[:10])

    def get_undoable_until(self, job: ImportJob) -> datetime | None:
        return undoable_until(job)


class RejectedRowSerializer(serializers.ModelSerializer):
    """One reason why one line did not come in; ``message`` says it in words."""

    message = serializers.CharField(source="sentence", read_only=True)

    class Meta:
        model = RejectedRow
        fields = ("line", "column", "value", "reason", "message")
        read_only_fields = fields
