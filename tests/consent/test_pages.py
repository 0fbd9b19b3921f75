import pytest
from django.urls import reverse

from consent.enums import Channel
from consent.models import ConsentEvent, Permission, Purpose, Suppression
from consent.queries.predicate import contactable
from customers.models import Customer
from tests.factories import NOW, allow, make_customer, make_user

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

    client.post(reverse("admin:consent_suppression_add"), {"address": "Ana@Mail.Example"})

    (blocked,) = Suppression.objects.all()
    assert b"ana" not in bytes(blocked.contact_hash)
    assert not reachable().exists()
