"""What several programs say of the same thing at the same moment."""

from common.enums import Scope
from consent.models import ConsentEvent
from tests.api import client_with
from tests.consent.test_api import choose
from tests.factories import make_api_key, make_customer
from tests.races import at_once


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
