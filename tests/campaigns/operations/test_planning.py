from campaigns.enums import CampaignState, MessageState
from campaigns.operations.planning import send_again
from campaigns.operations.sending import finish
from tests.factories import NOW, allow, make_customer, make_launched, make_user
from tests.races import overlapping


def test_campaign_does_not_finish_over_a_message_that_is_just_sent_again(real_db):
    campaign = make_launched(allow(make_customer()))
    campaign.messages.update(state=MessageState.UNCERTAIN)
    message, agent = campaign.messages.get(), make_user()

    overlapping(
        lambda: send_again(message, by=agent, at=NOW),
        lambda: finish(campaign, at=NOW),
    )

    campaign.refresh_from_db()
    message.refresh_from_db()
    assert (campaign.state, message.state) == (CampaignState.SENDING, MessageState.READY)
