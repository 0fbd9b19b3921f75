from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import now
from rest_framework.fields import DateTimeField

from common.enums import Scope
from common.models import AuditEntry
from customers.models import Customer
from loyalty.operations.orders import settle
from loyalty.rules import last_moment
from tests.api import api_client
from tests.factories import NOW, make_customer, make_order
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db


def shown(moment: datetime) -> str:
    return DateTimeField().to_representation(moment)


def test_a_program_reads_points_and_tier():
    # A door asks for the time itself.
    at = now()
    ana = make_customer(external_id="ana")
    settle([make_order(ana, total="620.50", ordered_at=at).pk], at=at)
    year_end = shown(last_moment(at, months=12, zone=ZoneInfo("America/Sao_Paulo")))

    answer = api_client(Scope.READ_LOYALTY).get("/api/v1/members/ana")

    assert answer.json() == {
        "external_id": "ana",
        "programme": "Clube",
        "joined_at": shown(at),
        "balance": 620,
        "spend": "620.50",
        "tier": {"name": "Prata", "minimum_spend": "500.00"},
        "tier_until": year_end,
        "next_tier": {"name": "Ouro", "minimum_spend": "2000.00"},
        "missing": "1379.50",
        "lots": [{"points": 620, "expires_at": year_end}],
    }
    assert AuditEntry.objects.get(action="loyalty.member_viewed").api_key


def test_who_is_no_member_is_not_found():
    make_customer(external_id="ana")
    erased = make_member(customer=make_customer(external_id="bia"))
    Customer.objects.filter(pk=erased.customer_id).update(erased_at=NOW)
    client = api_client(Scope.READ_LOYALTY)

    found = [client.get(f"/api/v1/members/{name}").status_code for name in ("ana", "bia", "caio")]

    assert found == [404, 404, 404]


def test_a_key_for_customers_reads_no_points():
    make_member(customer=make_customer(external_id="ana"))

    answer = api_client(Scope.READ_CUSTOMERS).get("/api/v1/members/ana")

    assert answer.status_code == 403
