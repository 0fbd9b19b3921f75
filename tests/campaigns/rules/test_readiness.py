import pytest

from campaigns.rules.readiness import obstacle
from campaigns.rules.variables import UNSUBSCRIBE
from consent.enums import Channel, LegalBasis


def obstacle_in(**facts) -> str:
    """Return the field that stands in the way of a campaign that is ready but for these facts."""
    ready = {
        "channel": Channel.EMAIL,
        "basis": LegalBasis.CONSENT,
        "variables": {UNSUBSCRIBE},
        "has_offer": True,
        "offer_is_active": True,
    }
    found = obstacle(**{**ready, **facts})
    return found.field if found else ""


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({}, ""),
        ({"channel": Channel.SMS}, "channel"),
        ({"variables": set()}, "template"),
        ({"variables": {UNSUBSCRIBE, "voucher.code"}, "has_offer": False}, "offer"),
        ({"offer_is_active": False}, "offer"),
        ({"has_offer": False, "offer_is_active": False}, ""),
    ],
)
def test_campaign_is_ready_or_says_which_field_is_in_the_way(facts, field):
    assert obstacle_in(**facts) == field


@pytest.mark.parametrize("basis", [LegalBasis.CONTRACT, LegalBasis.LEGAL_OBLIGATION])
def test_what_nobody_can_refuse_brings_news_without_a_way_out_and_no_offer(basis):
    assert obstacle_in(basis=basis, variables=set(), has_offer=False) == ""
    assert obstacle_in(basis=basis) == "offer"
