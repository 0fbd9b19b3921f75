"""A program that guesses codes is refused; customers and other programs are not."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from campaigns.rules.codes import normal_code
from common.access.guesses import PATIENCE
from common.enums import Guessed, Role, Scope
from common.health import readiness
from common.models import AuditEntry, Lockout
from tests.api import api_client
from tests.factories import make_customer, make_offer, make_user, make_voucher

pytestmark = pytest.mark.django_db

TRIES = PATIENCE[Guessed.VOUCHER].tries
CART = [{"sku": "sku-1", "quantity": 1, "unit_price": "100.00"}]


@pytest.fixture
def nobodys():
    """A code that is well formed and no voucher's any more."""
    voucher, code = make_voucher(offer=make_offer())
    voucher.delete()
    return code


@pytest.fixture
def till():
    return api_client(Scope.REDEEM)


def ask(till, code):
    return till.post("/api/v1/quotes", {"code": code, "lines": CART})


def redeem(till, code, *, number):
    facts = {"code": code, "order": f"order-{number}", "lines": CART}
    return till.post("/api/v1/redemptions", facts, headers={"Idempotency-Key": str(number)})


def test_twenty_codes_that_are_nobodys_lock_the_key_out(till, nobodys):
    answers = [ask(till, nobodys) for _ in range(TRIES + 1)]

    assert [answer.status_code for answer in answers] == [200] * TRIES + [429]
    assert answers[-1].json()["code"] == "too_many_wrong_codes"
    assert 0 < int(answers[-1]["Retry-After"]) <= 15 * 60
    assert AuditEntry.objects.filter(action="locked_out").count() == 1


def test_redeeming_is_no_way_around(till, nobodys):
    for number in range(TRIES):
        assert redeem(till, nobodys, number=number).status_code == 409

    assert redeem(till, nobodys, number=TRIES).status_code == 429
    assert ask(till, nobodys).status_code == 429


def test_a_locked_key_is_not_told_even_of_a_good_code(till, nobodys):
    _voucher, code = make_voucher(offer=make_offer())
    for _ in range(TRIES):
        ask(till, nobodys)

    assert ask(till, code).status_code == 429
    assert ask(api_client(Scope.REDEEM), code).json()["code"] == "customer_needed"


def test_mistyped_and_refused_codes_lock_nobody_out(till):
    _voucher, code = make_voucher(offer=make_offer(), customer=make_customer())
    wrong = normal_code(code)[:-1] + ("0" if not code.endswith("0") else "1")

    for _ in range(TRIES + 5):
        assert ask(till, wrong).status_code == 200

    assert not Lockout.objects.exists()


def test_the_key_is_heard_again_after_a_quarter_of_an_hour(till, nobodys):
    for _ in range(TRIES):
        ask(till, nobodys)
    Lockout.objects.update(locked_until=now() - timedelta(seconds=1))

    assert ask(till, nobodys).status_code == 200


def test_staff_see_it_and_lift_it(till, nobodys):
    for _ in range(TRIES):
        ask(till, nobodys)
    administrator = Client()
    administrator.force_login(make_user(role=Role.ADMINISTRATOR))

    assert readiness(at=now())["voucher_codes"] == "trouble"
    cache.clear()
    states = administrator.get("/admin/").context["states"]
    assert [state for state in states if "wrong codes" in str(state)]
    administrator.post(
        reverse("admin:common_lockout_changelist"),
        {"action": "unlock", "_selected_action": [Lockout.objects.get().pk]},
    )

    assert readiness(at=now())["voucher_codes"] == "ok"
    assert ask(till, nobodys).status_code == 200


def test_what_a_locked_key_does_beside_codes_goes_on(till, nobodys):
    for _ in range(TRIES):
        ask(till, nobodys)

    assert till.get("/api/v1/customers").status_code == 403  # its scope, not its lock
    assert till.post("/api/v1/redemptions/1/rollback").status_code == 404
