"""Where the shop wants it, two people erase: one asks, a second one of a role decides."""

import pytest
from django.urls import reverse

from common.enums import Role
from common.models import AuditEntry
from consent.enums import RequestDoor, RequestKind, RequestStage
from consent.models import PrivacySettings, SubjectRequest
from consent.operations.subject_requests import ask
from customers.enums import ErasureState
from customers.models import Customer, Erasure, ErasureRequest
from customers.operations.erasing import ReasonMissing, erase
from customers.operations.erasure_requests import (
    AlreadyDecided,
    MayNotApprove,
    approve_erasure,
    decline_erasure,
    erase_or_ask,
    why_asked,
    why_declined,
)
from customers.operations.merges import merge
from customers.queries.erasures import waiting_erasures
from tests.factories import NOW, make_customer, make_user

pytestmark = pytest.mark.django_db


def two_people(role=Role.PRIVACY_OFFICER):
    """Let the shop ask for two people; return who asks and who decides."""
    PrivacySettings.objects.create(erasures_approved_by=role)
    return make_user(role=Role.PRIVACY_OFFICER), make_user(role=role)


def asked_for(customer, *, by):
    return erase_or_ask(customer, by=by, reason="Asked by letter", at=NOW)


def is_erased(customer):
    return Customer.objects.get(pk=customer.pk).erased_at is not None


def test_one_person_erases_alone_unless_the_shop_chose_otherwise():
    ana = make_customer()

    outcome = asked_for(ana, by=make_user(role=Role.PRIVACY_OFFICER))

    assert isinstance(outcome, Erasure)
    assert not ErasureRequest.objects.exists()


def test_what_one_asks_for_waits_for_a_second_person():
    (asks, decides), ana = two_people(), make_customer()

    request = asked_for(ana, by=asks)

    assert not is_erased(ana)
    assert list(waiting_erasures()) == [request]
    assert why_asked(request) == "Asked by letter"

    done = approve_erasure(request, by=decides, at=NOW)

    assert is_erased(ana)
    assert (done.state, done.decided_by, done.decided_at) == (ErasureState.ERASED, decides, NOW)
    assert Erasure.objects.get(customer=ana).erased_by == decides
    assert list(waiting_erasures()) == []
    assert why_asked(done) is None


def test_both_people_stand_in_the_audit():
    (asks, decides), ana = two_people(), make_customer()

    approve_erasure(asked_for(ana, by=asks), by=decides, at=NOW)

    told = AuditEntry.objects.filter(subject_type="customers.customer", subject_id=ana.pk)
    assert set(told.values_list("action", "actor")) == {
        ("erasures.asked", asks.pk),
        ("erasures.approved", decides.pk),
        ("customers.erased", decides.pk),
    }


def test_nobody_approves_what_they_asked_for():
    (asks, _decides), ana = two_people(), make_customer()
    request = asked_for(ana, by=asks)

    for decide in (
        lambda: approve_erasure(request, by=asks, at=NOW),
        lambda: decline_erasure(request, because="No", by=asks, at=NOW),
    ):
        with pytest.raises(MayNotApprove, match="somebody else decides"):
            decide()

    assert not is_erased(ana)


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.MARKETING])
def test_only_the_role_that_the_shop_named_decides(role):
    (asks, decides), ana = two_people(Role.ADMINISTRATOR), make_customer()
    request = asked_for(ana, by=asks)

    with pytest.raises(MayNotApprove, match="approved by: Administrator"):
        approve_erasure(request, by=make_user(role=role), at=NOW)

    assert not is_erased(ana)
    assert approve_erasure(request, by=decides, at=NOW).state == ErasureState.ERASED


def test_whoever_is_declined_stays_and_may_be_asked_for_again():
    (asks, decides), ana = two_people(), make_customer()
    request = asked_for(ana, by=asks)

    declined = decline_erasure(request, because="The invoice is open", by=decides, at=NOW)

    assert not is_erased(ana)
    assert (declined.state, why_declined(declined)) == (
        ErasureState.DECLINED,
        "The invoice is open",
    )
    assert decline_erasure(declined, because="Twice", by=decides, at=NOW) == declined
    with pytest.raises(AlreadyDecided):
        approve_erasure(declined, by=decides, at=NOW)
    assert asked_for(ana, by=asks) != request


def test_a_reason_is_said_to_ask_and_to_decline():
    (asks, decides), ana = two_people(), make_customer()

    with pytest.raises(ReasonMissing):
        erase_or_ask(ana, by=asks, reason=" ", at=NOW)
    with pytest.raises(ReasonMissing):
        decline_erasure(asked_for(ana, by=asks), because=" ", by=decides, at=NOW)


def test_asking_again_returns_what_waits():
    (asks, other), ana = two_people(), make_customer()

    assert asked_for(ana, by=asks) == asked_for(ana, by=other)


def test_who_is_erased_otherwise_meanwhile_needs_no_decision():
    (asks, decides), ana = two_people(), make_customer()
    request = asked_for(ana, by=asks)

    erase(ana, by=None, reason="Retention", at=NOW)

    assert list(waiting_erasures()) == []
    with pytest.raises(AlreadyDecided):
        approve_erasure(request, by=decides, at=NOW)


def test_a_request_about_a_record_that_was_merged_erases_the_person():
    (asks, decides), ana, anna = two_people(), make_customer(), make_customer()
    request = asked_for(anna, by=asks)
    merge(ana, anna, by=None, at=NOW)

    approve_erasure(request, by=decides, at=NOW)

    assert is_erased(ana)
    assert is_erased(anna)


def plan_page(customer):
    return reverse("admin:customers_customer_erase", args=[customer.pk])


def test_the_page_asks_shows_the_plan_again_and_erases(client):
    (asks, decides), ana = two_people(), make_customer(external_id="ana")
    ask(ana, RequestKind.ERASURE, door=RequestDoor.PHONE, at=NOW)
    client.force_login(asks)

    assert "Ask for approval" in client.get(plan_page(ana)).content.decode()
    answer = client.post(plan_page(ana), {"reason": "By letter", "number": "ana"}, follow=True)
    own = answer.content.decode()

    assert "Nothing is erased yet: a second person decides." in own
    assert "You asked for this erasure yourself; somebody else decides." in own
    assert "it waits for a second person" in client.get(plan_page(ana)).content.decode()
    requests = client.get(reverse("admin:consent_subjectrequest_changelist")).content.decode()
    assert "Waits for a second person" in requests

    client.force_login(decides)
    page = reverse("admin:customers_erasurerequest_change", args=[ErasureRequest.objects.get().pk])
    shown = client.get(page).content.decode()

    assert "By letter" in shown
    # Enter in the reason declines: what approves stands in a form of its own.
    assert "because" not in shown.split('value="approve"')[0]
    assert 'value="approve"' not in shown.split('name="because"')[1]
    assert "The e-mail and phone are blocked by their hash" in shown
    refused = client.post(page, {"act": "decline", "because": ""}).content.decode()
    assert "Say why not: whoever asked reads it." in refused
    done = client.post(page, {"act": "approve"}, follow=True).content.decode()
    assert "The customer was erased." in done
    assert is_erased(ana)
    assert SubjectRequest.objects.get().stage == RequestStage.DONE


def test_what_waits_stands_on_the_privacy_page_and_the_first_page(client):
    (asks, decides), ana = two_people(), make_customer()
    asked_for(ana, by=asks)
    client.force_login(decides)

    privacy = client.get(reverse("admin:privacy")).content.decode()
    first = client.get(reverse("admin:index")).content.decode()

    assert "1 erasure waits for a second person" in privacy
    assert "Erasures to approve" in first
