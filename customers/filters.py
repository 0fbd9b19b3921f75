from django.db.models import QuerySet
from django_filters import rest_framework as filters

from common.filtering import Moment, Ordering
from customers.models import (
    AttributeDefinition,
    Cart,
    Case,
    Customer,
    Event,
    ImportJob,
    Order,
    RejectedRow,
    SurveyAnswer,
    WebhookDelivery,
    WebhookSubscription,
)
from customers.rules import normal_email
from customers.rules.tax_ids import normal_tax_id


class CustomerFilter(filters.FilterSet):
    """Whom to list; every filter finds exact values, and all of them must hold."""

    email = filters.CharFilter(method="with_email")
    tax_id = filters.CharFilter(method="with_tax_id")
    registered_after = Moment(field_name="registered_at", lookup_expr="gte")
    registered_before = Moment(field_name="registered_at", lookup_expr="lt")
    ordering = Ordering("registered_at", "external_id")

    class Meta:
        model = Customer
        fields = ("external_id", "email", "phone", "city", "state", "country", "gender", "stage")

    def with_email(
        self, customers: QuerySet[Customer], name: str, value: str
    ) -> QuerySet[Customer]:
        return customers.filter(email=normal_email(value))

    def with_tax_id(
        self, customers: QuerySet[Customer], name: str, value: str
    ) -> QuerySet[Customer]:
        # What cannot be one is nobody's.
        number = normal_tax_id(value)
        return customers.filter(tax_id=number) if number else customers.none()


class OrderFilter(filters.FilterSet):
    customer = filters.CharFilter(field_name="customer__external_id")
    ordered_after = Moment(field_name="ordered_at", lookup_expr="gte")
    ordered_before = Moment(field_name="ordered_at", lookup_expr="lt")
    ordering = Ordering("ordered_at", usual="-ordered_at")

    class Meta:
        model = Order
        fields = ("status",)


class OfCustomer(filters.FilterSet):
    """Rows are told one after the other: by number is by the time they were told."""

    customer = filters.CharFilter(field_name="customer__external_id")
    ordering = Ordering(told_at="id")


class CartFilter(OfCustomer):
    class Meta:
        model = Cart
        fields = ("state",)


class CaseFilter(OfCustomer):
    class Meta:
        model = Case
        fields = ("status", "channel")


class SurveyAnswerFilter(OfCustomer):
    class Meta:
        model = SurveyAnswer
        fields = ("survey", "score")


class AttributeFilter(filters.FilterSet):
    ordering = Ordering("code", "label", "created_at")

    class Meta:
        model = AttributeDefinition
        fields = ("code", "type", "category")


class EventFilter(filters.FilterSet):
    occurred_after = Moment(field_name="occurred_at", lookup_expr="gte")
    occurred_before = Moment(field_name="occurred_at", lookup_expr="lt")
    ordering = Ordering("occurred_at", usual="-occurred_at")

    class Meta:
        model = Event
        fields = ("kind",)


class WebhookFilter(filters.FilterSet):
    ordering = Ordering("id", "name", "created_at", "last_success_at", "failing_since")

    class Meta:
        model = WebhookSubscription
        fields = ("name", "is_active", "disabled_reason")


class DeliveryFilter(filters.FilterSet):
    created_after = Moment(field_name="created_at", lookup_expr="gte")
    created_before = Moment(field_name="created_at", lookup_expr="lt")
    # Deliveries are made one after the other: by number is by time.
    ordering = Ordering(created_at="id")

    class Meta:
        model = WebhookDelivery
        fields = ("state", "kind")


class ImportFilter(filters.FilterSet):
    # Files are brought one after the other: by number is by time.
    ordering = Ordering(created_at="id")

    class Meta:
        model = ImportJob
        fields = ("kind", "state")


class RejectedRowFilter(filters.FilterSet):
    ordering = Ordering("line", usual="line")

    class Meta:
        model = RejectedRow
        fields = ("line", "reason")
