"""The API of attributes."""

from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.authentication import caller
from common.enums import Scope
from common.lists import List
from customers import exports
from customers.filters import (
    AttributeFilter,
)
from customers.models import (
    AttributeDefinition,
)
from customers.operations.attributes import declare_attribute
from customers.serializers.attributes import AttributeSerializer


class Attributes(List):
    """What the shop keeps of its customers beside their names and addresses."""

    required_scope = {"GET": Scope.READ_CUSTOMERS, "POST": Scope.WRITE_CUSTOMERS}
    serializer_class = AttributeSerializer
    queryset = AttributeDefinition.objects.all()
    filterset_class = AttributeFilter
    file_table = exports.ATTRIBUTES

    @extend_schema(
        request=AttributeSerializer, responses={200: AttributeSerializer, 201: AttributeSerializer}
    )
    def post(self, request: Request) -> Response:
        """Declare an attribute; declared again just as it is, nothing changes."""
        told = AttributeSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        wanted = AttributeDefinition(**told.validated_data)
        declared, is_new = declare_attribute(wanted, by=caller(request), at=now())
        return Response(AttributeSerializer(declared).data, status=201 if is_new else 200)
