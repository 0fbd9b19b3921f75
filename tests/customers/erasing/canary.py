"""A customer with something in every corner, whose every word can be looked for."""

from datetime import date
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from campaigns.models import Apology
from common.enums import Language
from common.models import IdempotencyRecord
from consent.enums import RequestDoor, RequestKind
from consent.operations.packages import ask_by_link
from consent.operations.subject_requests import ask
from customers.enums import ContactChannel
from customers.models import Cart, Case, Customer, DuplicateCandidate, Note, SurveyAnswer
from customers.operations.merges import merge
from customers.operations.timeline import record_event
from loyalty.operations.points import adjust
from tests.factories import (
    NOW,
    allow,
    make_api_key,
    make_apology,
    make_customer,
    make_launched,
    make_order,
    make_redemption,
    make_segment,
    make_user,
    make_voucher,
)
from tests.loyalty.factories import make_member

WORDS = (
    "zuleica", "quaresma", "5511987651234", "52998224725", "loja-4711", "loja-4712",
    "mudou-se", "atrasada", "desculpas", "botafogo", "caiaque", "piano",
)  # fmt: skip


def make_canary() -> Customer:
    facts: dict[str, Any] = {
        "first_name": "Zuleica",
        "last_name": "Quaresma",
        "email": "zuleica@exemplo.com.br",
        "phone": "+5511987651234",
        "city": "Botafogo",
        "interests": ["caiaque"],
        "attributes": {"plays": "piano"},
    }
    twin = make_customer(**{**facts, "external_id": "loja-4712"})
    someone = make_customer(**facts, external_id="loja-4711", tax_id="52998224725")
    Customer.objects.filter(pk=someone.pk).update(birth_date=date(1980, 1, 2), tags=["caiaque"])
    allow(someone)
    merge(someone, twin, by=None, at=NOW)
    _live(someone)
    return Customer.objects.get(pk=someone.pk)


def _live(someone: Customer) -> None:
    clerk = make_user()
    member = make_member(customer=someone, balance=120)
    adjust(member, points=5, reason="Zuleica", reference="a1", at=NOW, by=clerk)
    make_order(someone, external_id="o1", total="80.00")
    make_voucher(customer=someone)
    make_redemption(customer=someone)
    apology = make_apology(someone)
    Apology.objects.filter(pk=apology.pk).update(explanation="Pede desculpas à Zuleica")
    make_segment(someone)
    make_launched(someone).messages.update(error="550 zuleica@exemplo.com.br")
    case = Case.objects.create(
        customer=someone,
        reference="k1",
        channel=ContactChannel.EMAIL,
        subject="Entrega atrasada",
        text="Mudou-se",
        resolution="Zuleica avisada",
        opened_at=NOW,
    )
    ask(someone, RequestKind.ERASURE, door=RequestDoor.PHONE, words="Zuleica, Botafogo", at=NOW)
    ask_by_link(
        someone,
        RequestKind.ACCESS,
        language=Language.PORTUGUESE,
        identity_is_known=True,
        words="Zuleica",
        at=NOW,
    )
    Note.objects.create(customer=someone, text="Mudou-se", author=clerk, reference="n1")
    Cart.objects.create(customer=someone, external_id="c1", total=10, changed_at=NOW)
    SurveyAnswer.objects.create(
        customer=someone, reference="s1", score=9, comment="Mudou-se", answered_at=NOW
    )
    record_event(
        someone,
        kind="customers.searched",
        at=NOW,
        reference="e1",
        data={"words": "caiaque para Zuleica"},
    )
    DuplicateCandidate.objects.create(
        first=someone, second=make_customer(), reasons=["email"], score=9, found_at=NOW
    )
    for record in (someone, case):
        LogEntry.objects.create(
            user=clerk,
            content_type=ContentType.objects.get_for_model(record),
            object_id=str(record.pk),
            object_repr=str(record),
            action_flag=CHANGE,
        )
    IdempotencyRecord.objects.create(
        api_key=make_api_key()[0], key="i1", request_hash=b"1", body={"customer": "loja-4711"}
    )


def found_in_database(words=WORDS) -> set[tuple[str, str, str]]:
    """Return table, column and word, wherever one of the words can be read in any table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, CASE data_type WHEN 'bytea' THEN"
            " format('encode(%I, ''escape'')', column_name) ELSE quote_ident(column_name) END"
            " FROM information_schema.columns"
            " WHERE table_schema = 'public' AND is_updatable = 'YES' AND"
            " (data_type IN ('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'bytea'))"
        )
        columns = cursor.fetchall()
        found = set()
        for table, column in columns:
            for word in words:
                cursor.execute(
                    f'SELECT EXISTS (SELECT FROM "{table}" WHERE {column}::text ILIKE %s)',  # noqa: S608 -- our own tables
                    [f"%{word}%"],
                )
                if cursor.fetchone()[0]:
                    found.add((table, column, word))
    return found
