"""What segments ask about vouchers and messages."""

from datetime import timedelta

import pytest

from consent.models import Purpose
from customers.models import Event
from segments.compiler import explain, matching
from segments.queries import traits
from segments.rules import read_rule, sentence
from tests.factories import NOW, allow, make_customer, make_voucher

pytestmark = pytest.mark.django_db
HOLDS = {"trait": "campaigns.holds_voucher", "operator": "did"}


def who(leaf, *, at=NOW):
    rule = read_rule({"all": [leaf]}, traits())
    found = matching(rule, purpose=Purpose.objects.get(pk="marketing"), at=at)
    return set(found.values_list("pk", flat=True))


def tell(customer, kind, **data):
    reference = f"{kind}:{customer.pk}"
    Event.objects.create(
        kind=kind,
        customer=customer,
        occurred_at=NOW,
        recorded_at=NOW,
        data=data,
        reference=reference,
    )


def test_a_voucher_is_held_until_it_is_used_or_ends_and_the_end_is_foreseen():
    holder, user = allow(make_customer()), allow(make_customer())
    held, _code = make_voucher(customer=holder)
    make_voucher(customer=user, use_count=1)

    assert who(HOLDS) == {holder.pk}
    assert who(HOLDS, at=held.valid_until) == set()
    rule = read_rule({"all": [HOLDS]}, traits())
    (leaf,) = explain(rule, holder, purpose=Purpose.objects.get(pk="marketing"), at=NOW).parts
    assert leaf.flips_at == held.valid_until


def test_a_voucher_that_ends_soon_is_asked_by_its_last_days():
    holder = allow(make_customer())
    held, _code = make_voucher(customer=holder)
    days = (held.valid_until - NOW).days
    soon = {**HOLDS, "where": {"ends": {"operator": "in_next", "value": 3}}}

    assert who(soon) == set()
    assert who(soon, at=NOW + timedelta(days=days - 1)) == {holder.pk}


def test_messages_are_asked_by_the_campaign_here_or_elsewhere():
    here, elsewhere = allow(make_customer()), allow(make_customer())
    tell(here, "campaigns.link_followed", campaign_name="Spring")
    tell(elsewhere, "campaigns.message_opened", campaign="Spring")
    opened = {"trait": "events.campaigns.message_opened", "operator": "did"}
    followed = {"trait": "events.campaigns.link_followed", "operator": "did"}
    spring, autumn = {"campaign": "Spring"}, {"campaign": "Autumn"}

    assert who({**opened, "where": spring}) == {here.pk, elsewhere.pk}
    assert who({**followed, "where": spring}) == {here.pk}
    assert who({**opened, "where": autumn}) == set()
    said = sentence(read_rule({"all": [{**opened, "where": spring}]}, traits()))
    assert said == "Opened a message at least once, where campaign is Spring"
