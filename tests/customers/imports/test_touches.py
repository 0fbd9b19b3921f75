"""What a checked file says it would change besides its own rows."""

from datetime import timedelta

import pytest
from django.utils import translation

from customers.operations.imports import touches
from segments.operations.refreshing import refresh
from tests.customers.imports.files import checked
from tests.factories import NOW, allow, make_customer, make_product, make_segment
from tests.loyalty.factories import make_member

pytestmark = pytest.mark.django_db

ORDERS = "order,customer,ordered_at,sku,quantity,total\n"


def said(job, language="en") -> list[str]:
    with translation.override(language):
        return [touches()[code].said(facts) for code, facts in job.preview["touched"]]


def of_recife(name="Recife"):
    rule = {"all": [{"trait": "customers.city", "operator": "is", "value": "Recife"}]}
    segment = make_segment(name=name, rule=rule)
    refresh(segment, at=NOW)
    return segment


def test_segments_that_ask_for_what_changes_are_named():
    allow(make_customer(external_id="C1", city="Recife"))
    allow(make_customer(external_id="C2", city="Natal"))
    of_recife()

    moved = checked("customers", "external_id,city\nC1,Olinda\nC2,Olinda\nC3,Recife\n")
    renamed = checked("customers", "external_id,first_name\nC1,Ana\n")
    same = checked("customers", "external_id,city\nC1,Recife\n")

    assert said(moved) == [
        "Segment “Recife” asks for what this file changes and will be counted again."
        " Of the file's people, in it now: 1."
    ]
    assert said(renamed) == said(same) == []


def test_orders_touch_members_unless_they_are_history():
    make_customer(external_id="C1")
    make_product(sku="P1")
    make_member(customer=make_customer(external_id="C2"))
    rows = "".join(f"O{number},C{number},2026-01-05,P1,1,9\n" for number in (1, 2))

    now = checked("orders", ORDERS + rows)
    history = checked("orders", ORDERS + rows, historic=True)

    assert now.preview["touched"] == [["loyalty.tiers", {"members": 1, "others": 1}]]
    assert said(history) == ["These orders are history: they earn no points."]


def test_choices_say_what_they_permit_and_what_they_do_not():
    make_customer(external_id="C1"), make_customer(external_id="C2")
    yesterday = (NOW - timedelta(days=1)).isoformat()

    job = checked(
        "consents",
        "customer,purpose,channel,kind,occurred_at,source\n"
        f"C1,marketing,email,yes,{yesterday},web_form\n"
        "C1,marketing,sms,yes,,\n"
        "C2,marketing,email,yes,,\n"
        f"C2,marketing,sms,no,{yesterday},web_form\n",
    )

    assert job.preview["touched"] == [
        ["consent.given", {"choices": 1, "people": 1}],
        ["consent.unproven", {"choices": 2, "people": 2}],
        ["consent.refused", {"choices": 1, "people": 1}],
    ]
    assert said(job, "pt-br")[1].startswith("Permissões alegadas sem prova: 2")
