"""The program's addresses, and beside them what the events API is measured against."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.urls import urlpatterns as ours
from customers.models import Customer, Event


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    # Unread, the body would cost the connection.
    return HttpResponse(request.body and b"{}", content_type="application/json")


class EventSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField("external_id", queryset=Customer.objects.all())

    class Meta:
        model = Event
        fields = ("kind", "reference", "occurred_at", "customer", "data")
        # What a first version does: the database refuses repeats.
        extra_kwargs: ClassVar[dict[str, Any]] = {"reference": {"validators": []}}


class PlainEvents(APIView):
    """What one writes first: a serializer for many, and bulk_create."""

    permission_classes = ()
    throttle_classes = ()
    schema = None

    def post(self, request: Request) -> Response:
        batch: Any = request.data
        told = EventSerializer(data=batch["events"], many=True)
        told.is_valid(raise_exception=True)
        rows: Any = told.validated_data
        Event.objects.bulk_create(Event(**event) for event in rows)
        return Response({})


urlpatterns = [*ours, path("empty", empty), path("plain", PlainEvents.as_view())]
