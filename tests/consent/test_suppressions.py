"""Blocked addresses: what blocks them, and what alone lifts each block."""

import pytest
from django.urls import reverse

from common.enums import Role, Scope
from common.models import AuditEntry
from consent.enums import Channel, SuppressionReason, SuppressionSource
from consent.models import Purpose, Suppression
from consent.operations.suppressions import (
    LiftedBefore,
    OnlyAdministratorsLift,
    OnlyThePersonLifts,
    lift,
    lift_confirmed,
    suppress,
)
from consent.queries.predicate import contactable
from customers.models import Customer
from tests.api import api_client
from tests.customers.imports.files import brought_in, counts, reasons
from tests.factories import NOW, allow, make_choice, make_customer, make_user

pytestmark = pytest.mark.django_db
ANA, PHONE = "ana@mail.example", "+5511987654321"
R = SuppressionReason
ADDRESSES = "/api/v1/suppressions"
CHECK = f"{ADDRESSES}/check"


def reachable(channel=Channel.EMAIL, purpose="marketing"):
    asked = Purpose.objects.get(pk=purpose)
    people = contactable(Customer.objects.all(), purpose=asked, channel=channel, using=(), at=NOW)
    return people.count()


def blocked(reason, *, address=ANA, channel=Channel.EMAIL, **facts):
    return suppress(address, channel=channel, reason=reason, at=NOW, **facts)


def outcome_of_lifting(reason, role):
    try:
        lift(blocked(reason), reason="a mistake", by=make_user(role=role), at=NOW)
    except (OnlyThePersonLifts, OnlyAdministratorsLift) as refusal:
        return refusal.code
    return "lifted"


@pytest.mark.parametrize(
    ("reason", "by_officer", "by_administrator", "by_person"),
    [
        (R.MANUAL, "lifted", "lifted", False),
        (R.DO_NOT_CALL, "lifted", "lifted", False),
        (R.COMPLAINT, "only_administrators_lift", "lifted", False),
        (R.STOP, "only_the_person_lifts", "only_the_person_lifts", True),
        (R.HARD_BOUNCE, "only_the_person_lifts", "only_the_person_lifts", True),
        (R.ERASED, "only_administrators_lift", "lifted", False),
    ],
)
def test_what_lifts_a_block_depends_on_its_reason(reason, by_officer, by_administrator, by_person):
    assert outcome_of_lifting(reason, Role.PRIVACY_OFFICER) == by_officer
    assert outcome_of_lifting(reason, Role.ADMINISTRATOR) == by_administrator
    blocked(reason)
    assert lift_confirmed(ANA, channel=Channel.EMAIL, at=NOW) == by_person


def test_every_reason_has_its_rule():
    found = {reason for reason, *_rest in _table()}

    assert found == set(SuppressionReason)


def _table():
    mark = test_what_lifts_a_block_depends_on_its_reason.pytestmark
    return next(one.args[1] for one in mark if one.name == "parametrize")


def test_an_address_blocked_twice_is_blocked_until_both_are_lifted():
    allow(make_customer(email=ANA))
    blocked(R.STOP)
    complaint = blocked(R.COMPLAINT)
    assert reachable() == 0

    lift_confirmed(ANA, channel=Channel.EMAIL, at=NOW)
    assert reachable() == 0
    lift(complaint, reason="pressed by mistake", by=make_user(role=Role.ADMINISTRATOR), at=NOW)

    assert reachable() == 1


def test_a_lifted_block_says_who_and_why_and_is_not_lifted_twice():
    boss = make_user(role=Role.ADMINISTRATOR)
    block = lift(blocked(R.MANUAL), reason="a mistake", by=boss, at=NOW)

    with pytest.raises(LiftedBefore):
        lift(block, reason="again", by=boss, at=NOW)

    assert (block.lifted_at, block.lifted_by, block.lift_reason) == (NOW, boss, "a mistake")
    assert AuditEntry.objects.get(action="suppressions.lifted").reason == "a mistake"


def test_a_block_for_one_purpose_leaves_the_others():
    allow(make_customer(email=ANA))

    blocked(R.STOP, purpose=Purpose.objects.get(pk="marketing"))

    assert reachable() == 0
    assert reachable(purpose="transactional") == 1


@pytest.mark.parametrize("reason", [R.COMPLAINT, R.HARD_BOUNCE])
def test_a_consent_told_later_by_a_program_lifts_nothing(reason):
    """Elsewhere, subscribing a profile by API quietly lifts its suppression."""
    ana = allow(make_customer(email=ANA, external_id="ana"))
    blocked(reason)

    answer = api_client(Scope.WRITE_CONSENT).post(
        "/api/v1/consents",
        {
            "customer": "ana",
            "purpose": "marketing",
            "act": "given",
            "channels": ["email"],
            "collection_point": "web_form",
            "occurred_at": NOW.isoformat(),
            "reference": "again",
        },
        format="json",
    )

    assert answer.status_code == 201
    assert reachable() == 0
    assert ana.permissions.get(purpose="marketing").channel_email is True


def test_an_imported_customer_whose_address_is_blocked_stays_blocked():
    blocked(R.STOP)

    brought_in("customers", f"external_id,email\nC1,{ANA.upper()}\n")
    make_choice(Customer.objects.get(external_id="C1"), channels=[Channel.EMAIL])

    assert reachable() == 0


def test_a_file_of_numbers_blocks_sms_and_whatsapp_once():
    make_choice(make_customer(phone=PHONE, email=ANA), channels=[Channel.SMS, Channel.EMAIL])
    assert (reachable(Channel.SMS), reachable(Channel.EMAIL)) == (1, 1)
    content = f"telefone;motivo\n(11) 98765-4321;\n{PHONE};nao me ligue\n"

    job = brought_in("suppressions", content)
    again = brought_in("suppressions", content)

    assert counts(job)["rejected"] == 0
    assert counts(again)["created"] == 0
    kept = Suppression.objects.order_by("channel").values_list("channel", "reason", "source")
    assert list(kept) == [
        (channel, R.DO_NOT_CALL, SuppressionSource.FILE)
        for channel in (Channel.SMS, Channel.WHATSAPP)
    ]
    assert (reachable(Channel.SMS), reachable(Channel.EMAIL)) == (0, 1)


def test_a_row_names_an_address_and_a_known_reason():
    job = brought_in("suppressions", "email,phone,reason\n,,\nana@mail.example,,bored\n")

    assert [(line, column, why) for line, column, _value, why in reasons(job)] == [
        (2, "email", "no_address"),
        (3, "reason", "not_choice"),
    ]


def test_a_program_blocks_an_address_and_asks_whether_it_is():
    client = api_client(Scope.BLOCK)
    told = {"channel": "sms", "address": "(11) 98765-4321", "reason": "stop"}

    codes = [client.post(ADDRESSES, told, format="json").status_code for _ in range(2)]
    answer, other = (
        client.post(CHECK, {"channel": channel, "address": PHONE}, format="json").json()
        for channel in ("sms", "whatsapp")
    )

    assert codes == [201, 201]
    assert Suppression.objects.count() == 1
    assert answer["blocked"] is True
    assert [(row["reason"], row["purpose"], row["source"]) for row in answer["blocks"]] == [
        ("stop", None, "api")
    ]
    assert other == {"blocked": False, "blocks": []}


@pytest.mark.parametrize("url", [ADDRESSES, CHECK])
def test_what_is_no_address_is_refused_by_field(url):
    answer = api_client(Scope.BLOCK).post(
        url, {"channel": "email", "address": "ana", "reason": "stop"}, format="json"
    )

    assert answer.status_code == 422
    assert "address" in str(answer.json())


def test_an_address_is_asked_about_in_no_line_of_an_access_log():
    """What stands behind the question mark is logged by every proxy on the way."""
    client = api_client(Scope.BLOCK)

    answers = [client.get(url, {"channel": "email", "address": ANA}) for url in (ADDRESSES, CHECK)]

    assert [answer.status_code for answer in answers] == [405, 405]


def test_staff_block_a_phone_and_the_administrator_lifts_it(client):
    make_choice(make_customer(phone=PHONE), channels=[Channel.SMS])
    client.force_login(make_user(role=Role.ADMINISTRATOR))
    url = reverse("admin:consent_suppression_add")

    client.post(
        url, {"address": "(11) 98765-4321", "reason": "complaint", "phone_channels": ["sms"]}
    )
    assert reachable(Channel.SMS) == 0
    block = Suppression.objects.get()
    client.post(
        reverse("admin:consent_suppression_lift", args=[block.pk]), {"reason": "pressed it unseen"}
    )

    assert reachable(Channel.SMS) == 1


def test_the_page_says_who_lifts_a_block_instead_of_offering_it(client):
    client.force_login(make_user(role=Role.PRIVACY_OFFICER))
    stop = blocked(R.STOP)

    page = client.get(reverse("admin:consent_suppression_change", args=[stop.pk]))
    refused = client.post(
        reverse("admin:consent_suppression_lift", args=[stop.pk]), {"reason": "please"}
    )

    assert "lifted by the person alone" in page.content.decode()
    assert "Only the person lifts this block" in refused.content.decode()
    assert Suppression.objects.get().lifted_at is None
