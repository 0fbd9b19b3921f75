"""The API of the timeline."""

from typing import Any

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.timezone import now
from msgspec import ValidationError
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from common.authentication import caller
from common.enums import Scope
from common.hot import HotView
from common.lists import List
from common.models import ApiKey
from common.operations import audit
from customers import exports
from customers.api.orders import NotABatch
from customers.api.people import customer_called
from customers.filters import (
    EventFilter,
)
from customers.models import (
    Customer,
    Event,
)
from customers.operations.ingesting import ingest
from customers.queries.withheld import told_to_programs
from customers.rules.telling import NOT_JSON, place_of, read_batch
from customers.serializers.events import EVENTS, EventSerializer


class Timeline(List):
    """What happened to a customer, newest first, as far as they let programs know it."""

    required_scope = Scope.READ_CUSTOMERS
    serializer_class = EventSerializer
    filterset_class = EventFilter
    queryset = Event.objects.none()
    file_table = exports.TIMELINE

    @cached_property
    def customer(self) -> Customer:
        return customer_called(self.kwargs["external_id"])

    def get_queryset(self) -> QuerySet[Event]:
        return told_to_programs(self.customer)

    def file_subject(self) -> Customer:
        return self.customer

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        audit("customers.viewed", self.customer, at=now(), by=caller(request), fields=["timeline"])
        return answer


class Events(HotView):
    required_scope = Scope.WRITE_CUSTOMERS
    description = EVENTS

    def post(self, body: bytes, key: ApiKey) -> HttpResponse:
        """Keep what can be kept; 207 says that some of it could not.

        No audit entry: every event's reference names the key that told it.
        """
        try:
            told = read_batch(body)
        except ValidationError as error:
            reason, field = place_of(error)
            raise NotABatch(reason, field=field) from error
        except (*NOT_JSON, RecursionError) as error:
            raise ParseError from error
        report = ingest(told, source=key.prefix, at=now())
        return HttpResponse(
            msgspec.json.encode(report),
            status=207 if report.errors else 200,
            content_type="application/json",
        )
