"""Members, for programs."""

from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.authentication import caller
from common.enums import Scope
from common.operations import audit
from customers.queries.identity import called
from loyalty.models import Member
from loyalty.queries import summary
from loyalty.serializers import MemberSerializer


class MemberDetail(APIView):
    required_scope = Scope.READ_LOYALTY

    @extend_schema(responses=MemberSerializer)
    def get(self, request: Request, external_id: str) -> Response:
        """Return a member's points and tier; 404 for a customer who is no member."""
        members = Member.objects.select_related("customer", "programme", "tier")
        member = get_object_or_404(members, customer=called(external_id))
        at = now()
        audit("loyalty.member_viewed", member, at=at, by=caller(request))
        return Response(MemberSerializer(summary(member, at=at)).data)
