"""The API of webhooks."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.bell import ring
from common.enums import Scope
from common.lists import List
from customers import exports
from customers.filters import (
    DeliveryFilter,
    WebhookFilter,
)
from customers.models import (
    WebhookDelivery,
    WebhookSubscription,
)
from customers.operations.webhooks import (
    change_webhook,
    create_webhook,
    failed_since,
    remove_webhook,
    replace_secret,
    replay,
    send_test,
)
from customers.serializers.webhooks import (
    DeliverySerializer,
    NewWebhookSerializer,
    ReplayedSerializer,
    ReplaySerializer,
    WebhookSerializer,
)
from customers.tasks import send_webhooks


class Webhooks(List):
    """Who is told what happens, the newest first."""

    required_scope = Scope.MANAGE_WEBHOOKS
    serializer_class = WebhookSerializer
    queryset = WebhookSubscription.objects.all()
    filterset_class = WebhookFilter
    file_table = exports.WEBHOOKS

    @extend_schema(request=WebhookSerializer, responses={201: NewWebhookSerializer})
    def post(self, request: Request) -> Response:
        """Make a webhook; the secret is told in this answer and never again."""
        told = WebhookSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        webhook = WebhookSubscription(**told.validated_data)
        create_webhook(webhook, by=caller(request), at=now())
        return Response(NewWebhookSerializer(webhook).data, status=201)


def webhook_called(pk: int) -> WebhookSubscription:
    return get_object_or_404(WebhookSubscription, pk=pk)


class WebhookDetail(APIView):
    required_scope = Scope.MANAGE_WEBHOOKS

    @extend_schema(responses=WebhookSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(WebhookSerializer(webhook_called(pk)).data)

    @extend_schema(request=WebhookSerializer, responses=WebhookSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is said; switching it on again lets what waits go on."""
        webhook = webhook_called(pk)
        told = WebhookSerializer(webhook, data=request.data, partial=True)
        told.is_valid(raise_exception=True)
        for name, value in told.validated_data.items():
            setattr(webhook, name, value)
        change_webhook(webhook, fields=told.validated_data, by=caller(request), at=now())
        return Response(WebhookSerializer(webhook).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove it with what waits for it and its log."""
        remove_webhook(webhook_called(pk), by=caller(request), at=now())
        return Response(status=204)


class WebhookSecret(APIView):
    required_scope = Scope.MANAGE_WEBHOOKS

    @extend_schema(request=None, responses=NewWebhookSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Replace the secret; for a day everything is signed with both."""
        webhook = replace_secret(webhook_called(pk), by=caller(request), at=now())
        return Response(NewWebhookSerializer(webhook).data)


class WebhookTest(APIView):
    required_scope = Scope.MANAGE_WEBHOOKS

    @extend_schema(request=None, responses={202: DeliverySerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Send an event of the kind clientela.test, once."""
        delivery = send_test(webhook_called(pk), by=caller(request), at=now())
        ring(send_webhooks)
        delivery.refresh_from_db()
        return Response(DeliverySerializer(delivery).data, status=202)


class WebhookDeliveries(List):
    """What was sent to a webhook or waits for it, newest first; kept for 30 days."""

    required_scope = Scope.MANAGE_WEBHOOKS
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    file_table = exports.DELIVERIES
    queryset = WebhookDelivery.objects.none()

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        return self.webhook.deliveries.all()

    @cached_property
    def webhook(self) -> WebhookSubscription:
        return webhook_called(self.kwargs["pk"])

    def file_subject(self) -> WebhookSubscription:
        return self.webhook


class WebhookReplay(APIView):
    required_scope = Scope.MANAGE_WEBHOOKS

    @extend_schema(request=ReplaySerializer, responses={202: ReplayedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Send deliveries again, each with its first webhook-id."""
        webhook, at = webhook_called(pk), now()
        told = ReplaySerializer(data=request.data)
        told.is_valid(raise_exception=True)
        if since := told.validated_data.get("since"):
            chosen = failed_since(webhook, since)
        else:
            names = told.validated_data["deliveries"]
            chosen = webhook.deliveries.filter(message__in=[name[4:] for name in names])
        count = replay(webhook, chosen, by=caller(request), at=at)
        ring(send_webhooks)
        return Response(ReplayedSerializer({"count": count}).data, status=202)
