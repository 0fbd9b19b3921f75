from typing import Any

import pytest

from consent.enums import Act, Channel, Verdict
from consent.models import Purpose
from consent.queries.reach import Loss, Reach, funnel
from consent.rules.remedies import REMEDIES
from customers.enums import Category
from customers.models import Customer
from tests.factories import NOW, make_choice, make_customer


@pytest.mark.django_db
def test_a_funnel_counts_everybody_once_by_the_first_reason_in_one_query(
    django_assert_num_queries,
):
    both: dict[str, Any] = {
        "channels": [Channel.EMAIL],
        "categories": [Category.PURCHASE, Category.SEARCH],
    }
    make_choice(make_customer(), **both)
    make_choice(make_customer(email=""), **both)
    make_choice(make_customer(), channels=[Channel.EMAIL], categories=[Category.SEARCH])
    make_choice(make_customer(), act=Act.REFUSED, **both)
    make_customer()

    with django_assert_num_queries(1):
        reach = funnel(
            Customer.objects.all(),
            purpose=Purpose(code="marketing", needs_opt_in=True, adults_only=True),
            channel=Channel.EMAIL,
            using={Category.PURCHASE, Category.SEARCH},
            at=NOW,
        )

    assert reach == Reach(
        allowed=1,
        losses=(
            Loss(Verdict.NO_ADDRESS, 1),
            Loss(Verdict.NO_PERMISSION, 1),
            Loss(Verdict.CHANNEL_REFUSED, 1),
            Loss(Verdict.DATA_NOT_ASKED, 1, Category.PURCHASE),
        ),
    )
    assert (reach.total, reach.held_back) == (5, 4)


def test_every_reason_has_its_remedy():
    assert {*REMEDIES, Verdict.ALLOWED} == set(Verdict)
