"""A small API of its own, to show what every address of the real one has in common."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.errors import DomainError
from common.idempotency import idempotent
from common.models import AuditEntry
from common.operations import audit
from tests.factories import NOW


class SoldOut(DomainError):
    code = "sold_out"


class Item(serializers.Serializer):
    sku = serializers.CharField()
    quantity = serializers.IntegerField(min_value=1)


class Basket(serializers.Serializer):
    name = serializers.CharField()
    items = Item(many=True)


class Read(APIView):
    required_scope: Scope | dict[str, Scope] = Scope.READ_CUSTOMERS

    def get(self, request: Request) -> Response:
        return Response({"user": str(request.user), "key": caller(request).name})


class ReadOrWrite(Read):
    required_scope = {"GET": Scope.READ_CUSTOMERS, "POST": Scope.WRITE_CUSTOMERS}

    def post(self, request: Request) -> Response:
        return Response({})

    def delete(self, request: Request) -> Response:
        return Response({})


class WithoutScope(APIView):
    def get(self, request: Request) -> Response:
        return Response({})


class Sell(APIView):
    """Leaves one audit entry for each thing sold, so that a test can count the sales."""

    required_scope = Scope.REDEEM

    @idempotent
    def post(self, request: Request) -> Response:
        basket = Basket(data=request.data)
        basket.is_valid(raise_exception=True)
        sale = audit("shop.sold", AuditEntry, at=NOW, by=caller(request))
        if basket.validated_data["name"] == "too late":
            raise SoldOut("It is sold out.", field="items", details={"left": 0})
        if basket.validated_data["name"] == "broken":
            raise RuntimeError("ana@mail.example")
        return Response({"sale": sale.pk}, status=201)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("ana@mail.example")


urlpatterns = [
    path("broken", broken),
    path("api/v1/read", Read.as_view()),
    path("api/v1/read-or-write", ReadOrWrite.as_view()),
    path("api/v1/without-scope", WithoutScope.as_view()),
    path("api/v1/sell", Sell.as_view()),
    path("", include("config.urls")),
]

handler400 = "common.exceptions.bad_request"
handler404 = "common.exceptions.not_found"
handler500 = "common.exceptions.server_error"
