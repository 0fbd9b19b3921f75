"""Offers and vouchers, for the checkout."""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns import exports
from campaigns.enums import Refusal
from campaigns.filters import CampaignFilter, OfferFilter, RedemptionFilter
from campaigns.models import Campaign, Offer, Redemption
from campaigns.operations.redemptions import VoucherRefused, redeem, roll_back
from campaigns.queries.quotes import quote
from campaigns.queries.results import result, waterfall
from campaigns.serializers import (
    CampaignResultSerializer,
    CampaignSerializer,
    OfferSerializer,
    QuoteRequest,
    QuoteSerializer,
    RedemptionRequest,
    RedemptionSerializer,
)
from common.access.programs import WrongCodesThrottle, count_wrong_code
from common.authentication import caller
from common.enums import Scope
from common.idempotency import HEADER, idempotent
from common.lists import List
from common.operations import audit
from common.throttling import ApiKeyThrottle

REDEMPTIONS = Redemption.objects.select_related("customer", "offer", "voucher").prefetch_related(
    "lines"
)


class Offers(List):
    """Offers, the newest first."""

    required_scope = Scope.READ_CAMPAIGNS
    serializer_class = OfferSerializer
    queryset = Offer.objects.all()
    filterset_class = OfferFilter
    file_table = exports.OFFERS


class Quotes(APIView):
    required_scope = Scope.REDEEM
    throttle_classes = (ApiKeyThrottle, WrongCodesThrottle)

    @extend_schema(request=QuoteRequest, responses=QuoteSerializer)
    def post(self, request: Request) -> Response:
        """Say what a code would take off a cart, or why not; nothing is used or reserved.

        Unknown, disabled and other people's codes get one and the same answer.
        """
        asked = QuoteRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        facts, at = asked.validated_data, now()
        found = quote(facts["code"], customer=facts["customer"], cart=facts["lines"], at=at)
        if found.is_nobodys:
            count_wrong_code(caller(request), at=at)
        return Response(QuoteSerializer(found).data)


class Redemptions(List):
    """Redemptions, the newest first."""

    required_scope = {"GET": Scope.READ_CAMPAIGNS, "POST": Scope.REDEEM}
    throttle_classes = (ApiKeyThrottle, WrongCodesThrottle)
    serializer_class = RedemptionSerializer
    queryset = REDEMPTIONS
    filterset_class = RedemptionFilter
    file_table = exports.REDEMPTIONS

    @extend_schema(request=RedemptionRequest, responses={201: RedemptionSerializer})
    @idempotent
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Use a voucher on an order; a refusal uses nothing and may be tried again."""
        asked = RedemptionRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        facts, key, at = asked.validated_data, caller(request), now()
        redemption = redeem(
            facts["code"],
            customer=facts["customer"],
            order_reference=facts["order"],
            cart=facts["lines"],
            reference=f"api:{key.pk}:{request.headers[HEADER]}",
            at=at,
        )
        audit("voucher.redeemed", redemption, at=at, by=key)
        return Response(RedemptionSerializer(redemption).data, status=201)

    def handle_exception(self, exc: Exception) -> Response:
        # Here the transaction of the redemption is over: what it wrote is gone, the count stays.
        if isinstance(exc, VoucherRefused) and exc.code == Refusal.INVALID_VOUCHER:
            count_wrong_code(caller(self.request), at=now())
        return super().handle_exception(exc)


class Rollback(APIView):
    required_scope = Scope.REDEEM

    @extend_schema(request=None, responses=RedemptionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Undo a redemption and give its uses back; a repeat changes nothing."""
        at = now()
        with transaction.atomic():
            redemption = roll_back(get_object_or_404(REDEMPTIONS, pk=pk), at=at)
            audit("redemption.rolled_back", redemption, at=at, by=caller(request))
        return Response(RedemptionSerializer(redemption).data)


class Campaigns(List):
    """Campaigns, the newest first."""

    required_scope = Scope.READ_CAMPAIGNS
    serializer_class = CampaignSerializer
    queryset = Campaign.objects.select_related("segment", "offer")
    filterset_class = CampaignFilter
    file_table = exports.CAMPAIGNS


class CampaignResult(APIView):
    required_scope = Scope.READ_CAMPAIGNS

    @extend_schema(responses=CampaignResultSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Say where everybody went, and what those meant to get it bought beyond the others."""
        campaign = get_object_or_404(Campaign, pk=pk)
        found = {"waterfall": waterfall(campaign), "result": result(campaign, at=now())}
        return Response(CampaignResultSerializer(found).data)
