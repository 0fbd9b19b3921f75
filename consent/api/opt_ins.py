"""Sign-ups that must be confirmed, and what people write back, for programs."""

from django.db import transaction
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.operations import audit
from consent.enums import Channel
from consent.models import InboundMessage, PendingOptIn
from consent.operations.inbound import hear
from consent.operations.opt_in_messages import opt_in_url
from consent.operations.opt_ins import Asked, ask, language_called
from consent.serializers.opt_ins import (
    AskedSerializer,
    HeardSerializer,
    InboundSerializer,
    OptInSerializer,
)
from customers.enums import Category
from customers.queries.languages import language_of


class OptIns(APIView):
    required_scope = Scope.WRITE_CONSENT

    @extend_schema(request=OptInSerializer, responses={202: AskedSerializer})
    def post(self, request: Request) -> Response:
        """Ask somebody to confirm what they said yes to; nothing is recorded before they do."""
        at = now()
        told = OptInSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        wanted = told.validated_data
        customer = wanted.get("customer")
        asked = Asked(
            channel=Channel(wanted["channel"]),
            address=wanted["address"],
            purpose=wanted["purpose"],
            categories=[Category(it) for it in wanted["categories"]],
            collection_point=wanted["collection_point"],
            language=language_called(wanted.get("language", ""))
            if "language" in wanted or not customer
            else language_of(customer),
            customer=customer,
        )
        with transaction.atomic():
            token = ask(
                asked,
                at=at,
                network=wanted.get("network_address", ""),
                agent=wanted.get("user_agent", ""),
            )
            audit("consent.opt_in_asked", customer or PendingOptIn, at=at, by=caller(request))
        confirm_at = "" if asked.channel == Channel.EMAIL else opt_in_url(token)
        answer = {"channel": asked.channel, "confirm_at": confirm_at}
        return Response(AskedSerializer(answer).data, status=202)


class InboundMessages(APIView):
    required_scope = Scope.WRITE_CONSENT

    @extend_schema(request=InboundSerializer, responses=HeardSerializer)
    def post(self, request: Request) -> Response:
        """Hear what somebody wrote from a phone; stop, yes and help are acted on at once."""
        at = now()
        told = InboundSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        key = caller(request)
        words = told.validated_data
        words["reference"] = f"api:{key.pk}:{words['reference']}"
        words["channel"] = Channel(words["channel"])
        with transaction.atomic():
            message = hear(at=at, **words)
            audit("consent.inbound_heard", message.customer or InboundMessage, at=at, by=key)
        return Response(HeardSerializer(message).data)
