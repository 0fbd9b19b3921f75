"""What the log must never hold: drive pages with a person that exists nowhere else, then look."""

import io
import logging

import pytest
import structlog
from django.db import IntegrityError, transaction

from common.enums import Role, Scope
from tests.factories import make_api_key, make_customer, make_user, make_voucher

pytestmark = pytest.mark.django_db

EMAIL = "canary.bird@mail.example"
PHONE = "+5511987650123"
SPOKEN_PHONE = "(11) 98765-0123"
TOKEN = "canary-token-canary-token"  # noqa: S105 -- opens nothing


@pytest.fixture
def log():
    """Listen with the program's own formatter; also to what is normally too much to keep."""
    lines = io.StringIO()
    listener = logging.StreamHandler(lines)
    listener.setFormatter(logging.getLogger().handlers[0].formatter)
    talkative = logging.getLogger("django_structlog")
    usual = talkative.level
    talkative.setLevel(logging.INFO)
    logging.getLogger().addHandler(listener)
    yield lines
    logging.getLogger().removeHandler(listener)
    talkative.setLevel(usual)


def test_no_page_writes_a_person_into_the_log(client, log):
    customer = make_customer(email=EMAIL, phone=PHONE)
    _, code = make_voucher(customer=customer)
    _, credential = make_api_key(Scope.READ_CUSTOMERS)
    canaries = (EMAIL, PHONE, SPOKEN_PHONE, code, credential)

    client.post("/admin/login/", {"username": EMAIL, "password": "wrong"})
    client.get(f"/u/{TOKEN}")
    client.get(f"/c/{TOKEN}")
    for header in (credential, TOKEN):
        authorization = {"Authorization": f"Bearer {header}"}
        client.get("/api/v1/customers/", {"email": EMAIL}, headers=authorization)
        client.post("/api/v1/nothing/", {"email": EMAIL}, headers=authorization)
    client.force_login(make_user(role=Role.SUPPORT_AGENT))
    for canary in canaries:
        client.get("/admin/search/", {"s": canary, "extended": "1"})
        client.get("/admin/customers/customer/", {"q": canary})
        client.get("/admin/common/user/", {"q": canary})
        client.get("/nowhere/", {"q": canary})

    written = log.getvalue()
    assert "/admin/customers/customer/" in written
    assert [canary for canary in (*canaries, TOKEN) if canary in written] == []


def test_no_exception_writes_a_person_into_the_log(log):
    make_customer(external_id=EMAIL)
    try:
        with transaction.atomic():
            make_customer(external_id=EMAIL)
    except IntegrityError:
        structlog.get_logger("ours").exception("not_saved")
        logging.getLogger("theirs").exception("not saved: %s", SPOKEN_PHONE)

    written = log.getvalue()
    assert written.count("UniqueViolation") >= 2
    assert [canary for canary in (EMAIL, SPOKEN_PHONE) if canary in written] == []


@pytest.mark.parametrize(
    "line",
    ["imported 12345678 rows in 00:01:02", "order 4711 of customer 123456789", "GET /admin/ 200"],
)
def test_numbers_that_tell_nothing_stay(log, line):
    logging.getLogger("theirs").warning(line)

    assert line in log.getvalue()
