"""How often and about what somebody wants messages, for programs of the shop."""

from typing import Any

from django.db import transaction
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.operations import audit
from consent.operations.wishes import wish
from consent.queries.wishes import wishes_of
from consent.rules.wishes import Topic, Wishes
from consent.serializers.wishes import WishesSerializer
from customers.api.people import customer_called


class CustomerWishes(APIView):
    required_scope = {"GET": Scope.READ_CUSTOMERS, "PUT": Scope.WRITE_CONSENT}

    @extend_schema(responses=WishesSerializer)
    def get(self, request: Request, external_id: str) -> Response:
        """Say how often and about what a customer wants messages."""
        customer = customer_called(external_id)
        audit("consent.wishes_seen", customer, at=now(), by=caller(request))
        return Response(shown(wishes_of(customer)))

    @extend_schema(request=WishesSerializer, responses=WishesSerializer)
    def put(self, request: Request, external_id: str) -> Response:
        """Keep what a customer wishes, in place of what they wished before."""
        at, customer = now(), customer_called(external_id)
        told = WishesSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        facts = told.validated_data
        muted = frozenset(Topic(it["kind"], it["value"]) for it in facts["muted"])
        with transaction.atomic():
            wishes = wish(
                customer,
                paused_until=facts["paused_until"],
                at_most_every_days=facts["at_most_every_days"],
                muted=muted,
                at=at,
            )
            audit("consent.wishes_changed", customer, at=at, by=caller(request))
        return Response(shown(wishes))


def shown(wishes: Wishes) -> dict[str, Any]:
    topics = [topic._asdict() for topic in sorted(wishes.muted)]
    return dict(
        WishesSerializer(
            {
                "paused_until": wishes.paused_until,
                "at_most_every_days": wishes.at_most_every_days,
                "muted": topics,
            }
        ).data
    )
