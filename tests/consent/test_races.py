"""What several programs say of the same thing at the same moment."""

from datetime import timedelta

import pytest

from common.enums import Scope
from consent.enums import Act, Channel, OptInState
from consent.models import ConsentEvent, Permission
from consent.operations.opt_in_confirmations import confirm
from consent.operations.package_codes import PackageTaken, take
from consent.operations.packages import build_next
from customers.models import Customer
from tests.api import client_with
from tests.consent.opt_ins import ADDRESS, sign_up
from tests.consent.test_api import choose
from tests.consent.test_packages import asked, code_for, files, ready
from tests.customers.imports.conftest import private_files
from tests.factories import NOW, make_api_key, make_choice, make_customer
from tests.races import at_once, overlapping

__all__ = ["private_files"]


def test_reference_used_for_two_customers_at_once_counts_for_one(real_db):
    for external_id in ("ana", "bia"):
        make_customer(external_id=external_id)
    _, credential = make_api_key(Scope.WRITE_CONSENT)

    answers = at_once(
        *[
            lambda name=name: choose(client_with(credential), customer=name)
            for name in ("ana", "bia") * 4
        ]
    )

    codes = [answer.status_code for answer in answers]
    assert sorted(codes) == [200] * 3 + [201] + [409] * 4
    assert ConsentEvent.objects.count() == 3


def test_two_clicks_on_one_link_make_one_customer_and_one_yes(real_db):
    token = sign_up()

    outcomes = at_once(*[lambda: confirm(token, at=NOW)] * 4)

    assert [outcome.state for outcome in outcomes] == [OptInState.CONFIRMED] * 4
    assert Customer.objects.count() == ConsentEvent.objects.count() == 1


def test_two_links_of_one_new_address_make_one_customer(real_db):
    first = sign_up(at=NOW)
    second = sign_up(at=NOW + timedelta(minutes=11))

    at_once(
        lambda: confirm(first, at=NOW + timedelta(minutes=12)),
        lambda: confirm(second, at=NOW + timedelta(minutes=12)),
    )

    assert Customer.objects.count() == 1
    assert ConsentEvent.objects.count() == 2


@pytest.mark.parametrize("order", [at_once, overlapping])
@pytest.mark.parametrize("confirms_first", [True, False])
def test_a_no_at_the_moment_of_the_confirmation_stands(real_db, order, confirms_first):
    ana = make_customer(email=ADDRESS)
    waiting, at = sign_up(), NOW + timedelta(hours=1)

    def yes():
        return confirm(waiting, at=at)

    def no():
        return make_choice(ana, act=Act.WITHDRAWN, channels=[Channel.EMAIL], occurred_at=at, at=at)

    order(*((yes, no) if confirms_first else (no, yes)))

    assert Permission.objects.get(customer=ana).channel_email is False


def test_two_workers_make_one_package(real_db, private_files):
    asked()

    built = at_once(*[lambda: build_next(at=NOW)] * 3)

    assert len([it for it in built if it]) == 1
    assert len(files()) == 1


def test_two_downloads_at_once_get_it_once(real_db, private_files):
    package = ready()
    code = code_for(package)

    got = at_once(*[lambda: take(package, code=code, at=NOW)] * 4)

    assert len([it for it in got if isinstance(it, bytes)]) == 1
    assert len([it for it in got if isinstance(it, PackageTaken)]) == 3
    assert files() == []
