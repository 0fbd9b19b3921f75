from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from consent.enums import Channel
from consent.models import (
    CollectionPoint,
    ConsentEvent,
    NoticeVersion,
    Permission,
    Purpose,
    Suppression,
)
from consent.queries.predicate import contactable
from customers.models import Customer
from customers.operations.sealing import unseal_for
from tests.factories import NOW, allow, make_choice, make_customer, make_user
from tests.found import the

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    user = make_user(is_superuser=True)
    client.force_login(user)
    return user


def reachable():
    marketing = Purpose.objects.get(pk="marketing")
    return contactable(
        Customer.objects.all(), purpose=marketing, channel=Channel.EMAIL, using=(), at=NOW
    )


def test_choice_made_on_the_phone_is_recorded_once_with_who_took_it(client, staff):
    ana = make_customer()
    url = reverse("admin:consent_choice", args=[ana.pk])
    form = {
        "act": "given",
        "purpose": "marketing",
        "channels": ["email", "sms"],
        "categories": ["purchase"],
        "collection_point": "call_centre",
        "evidence": "Recording 123",
        "reference": "click-1",
    }

    client.post(url, form)
    client.post(url, form)

    assert ConsentEvent.objects.filter(actor=staff, collection_point="call_centre").count() == 3
    allowed = Permission.objects.get(customer=ana)
    assert (allowed.channel_email, allowed.channel_sms, allowed.data_purchase) == (True,) * 3
    assert allowed.channel_whatsapp is None


def test_choice_about_nothing_is_refused_in_words(client, staff):
    ana = make_customer()
    url = reverse("admin:consent_choice", args=[ana.pk])

    answer = client.post(url, {"act": "given", "purpose": "marketing", "collection_point": "till"})

    assert "Choose at least one channel" in answer.content.decode()
    assert not ConsentEvent.objects.exists()


def test_withdrawal_on_the_phone_holds_at_once(client, staff):
    ana = allow(make_customer())
    assert list(reachable()) == [ana]

    client.post(
        reverse("admin:consent_choice", args=[ana.pk]),
        {
            "act": "withdrawn",
            "purpose": "marketing",
            "channels": ["email"],
            "collection_point": "call_centre",
        },
    )

    assert not reachable().exists()


def test_blocked_address_is_kept_as_a_hash_and_beats_consent(client, staff):
    allow(make_customer(email="ana@mail.example"))

    client.post(
        reverse("admin:consent_suppression_add"),
        {"address": "Ana@Mail.Example", "reason": "manual"},
    )

    (blocked,) = Suppression.objects.all()
    assert b"ana" not in bytes(blocked.contact_hash)
    assert not reachable().exists()


def record(client, customer, **facts):
    form = {
        "act": "given",
        "purpose": "marketing",
        "channels": ["email"],
        "collection_point": "till",
        "evidence": "Form 7",
    }
    url = reverse("admin:consent_choice", args=[customer.pk])
    return client.post(url, {**form, **facts})


def test_what_the_agent_heard_is_sealed_and_the_words_read_out_are_shown(client, staff):
    ana = make_customer(language="en")

    page = client.get(reverse("admin:consent_choice", args=[ana.pk])).content.decode()
    record(client, ana)

    event = ConsentEvent.objects.get()
    assert "Only if you allow it" in page
    assert "Somente se você" not in page
    assert (event.actor_kind, event.actor, the(event.notice_text).language) == (
        "staff",
        staff,
        "en",
    )
    assert unseal_for(ana, bytes(the(event.evidence_sealed))) == "Form 7"


def test_a_parent_speaks_for_a_minor(client, staff):
    ten_years_old = make_customer(birth_date=localdate() - timedelta(days=10 * 365))
    record(client, ten_years_old, actor_kind="guardian", purpose="research")

    assert ConsentEvent.objects.get().actor_kind == "guardian"


def test_a_yes_without_evidence_and_one_without_words_are_refused_by_field(client, staff):
    ana = make_customer()

    unproven = record(client, ana, evidence="").content.decode()
    unread = record(client, ana, purpose="third_party_sharing").content.decode()

    assert "Say what proves it" in unproven
    assert "showed no published text about Sharing with partners" in unread
    assert not ConsentEvent.objects.exists()
    assert record(client, ana, act="withdrawn", evidence="").status_code == 302


WORDS = {
    f"{part}_{language}": f"{part} in {language}"
    for part in ("body", "recipients", "retention")
    for language in ("en", "pt-br")
}


def test_a_notice_is_drafted_looked_at_and_published(client, staff):
    allow(make_customer())
    page = reverse("admin:consent_notice_change", args=["standard"])

    client.post(page)
    drafted = client.get(page).content.decode()
    answer = client.post(
        page, {**WORDS, "purposes": ["marketing"], "is_material": "on", "publish": ""}
    )
    preview = client.get(answer.url).content.decode()
    assert not NoticeVersion.objects.get(number=2).published_at
    client.post(answer.url)

    version = NoticeVersion.objects.get(number=2)
    assert "Draft of version 2" in drafted
    assert "1 person allowed something on the words before" in preview
    assert "body in en" in preview
    assert "body in pt-br" in preview
    assert (version.published_by, version.suspension.people_expected) == (staff, 1)
    assert "Permissions suspended: 0 of about 1 people." in client.get(page).content.decode()


def test_a_draft_without_its_words_is_refused_by_field(client, staff):
    page = reverse("admin:consent_notice_change", args=["standard"])
    client.post(page)

    answer = client.post(page, {**WORDS, "body_en": "", "purposes": ["marketing"]})

    assert "This field is required" in answer.content.decode()


def test_a_new_notice_begins_empty(client, staff):
    answer = client.post(
        reverse("admin:consent_notice_add"), {"code": "till", "name": "At the till"}
    )

    assert "Draft a new version" in client.get(answer.url).content.decode()


def test_a_purpose_is_declared_and_its_basis_kept_once_relied_on(client, staff):
    facts = {
        "code": "post_mail",
        "name_en": "Catalogue",
        "name_pt": "Catálogo",
        "explanation_en": "To send it.",
        "explanation_pt": "Para enviar.",
        "basis": "consent",
        "needs_opt_in": "on",
        "is_active": "on",
    }
    add = reverse("admin:consent_purpose_add")

    silent = client.post(add, {**facts, "needs_opt_in": ""}).content.decode()
    client.post(add, facts)
    allow(make_customer())
    page = reverse("admin:consent_purpose_change", args=["marketing"])

    assert "Consent is never silent" in silent
    assert Purpose.objects.get(pk="post_mail").explanation == "To send it."
    assert 'name="basis"' not in client.get(page).content.decode()


def test_a_collection_point_is_changed_and_makes_a_version(client, staff):
    page = reverse("admin:consent_collectionpoint_change", args=["till"])
    facts = {"kind": "till", "name_en": "Till", "name_pt": "Caixa", "is_active": "on"}

    client.post(page, {**facts, "notice": "standard", "double_opt_in": "on"})

    till = CollectionPoint.objects.get(pk="till")
    assert (till.double_opt_in, till.version) == (True, 2)


def test_whose_permission_ends_soon_is_listed(client, staff):
    soon, late = make_customer(first_name="Zélia"), make_customer(first_name="Otto")
    at = now()
    for person, days_ago in ((soon, 710), (late, 10)):
        make_choice(
            person,
            channels=[Channel.EMAIL],
            occurred_at=at - timedelta(days=days_ago),
            at=at,
        )

    page = client.get(reverse("admin:consent_permission_changelist")).content.decode()

    assert "Zélia" in page
    assert "Otto" not in page
