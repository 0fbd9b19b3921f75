import pytest

from campaigns.enums import FeedbackKind
from campaigns.rules.feedback import Told, annoys_too_many, meaning


@pytest.mark.parametrize(
    ("event", "reason", "answer", "meant"),
    [
        ("bounced", "bounced", "smtp;550 5.1.1 No such user", FeedbackKind.DEAD_ADDRESS),
        ("bounced", "bounced", "550 5.1.10 Null MX", FeedbackKind.DEAD_ADDRESS),
        ("bounced", "other", "5.2.1 Mailbox disabled", FeedbackKind.DEAD_ADDRESS),
        ("rejected", "invalid", "", FeedbackKind.DEAD_ADDRESS),
        ("rejected", "bounced", "", FeedbackKind.DEAD_ADDRESS),
        ("bounced", "bounced", "552 5.2.2 Over quota", FeedbackKind.NOT_DELIVERED),
        ("bounced", "bounced", "", FeedbackKind.NOT_DELIVERED),
        ("bounced", "bounced", "550 15.1.1 of something else", FeedbackKind.NOT_DELIVERED),
        ("bounced", "other", "550 5.7.1 Not authorised", FeedbackKind.UNWANTED),
        ("bounced", "other", "554 Message looks like SPAM", FeedbackKind.UNWANTED),
        ("rejected", "blocked", "", FeedbackKind.UNWANTED),
        ("complained", "spam", "", FeedbackKind.COMPLAINED),
        ("unsubscribed", "unsubscribed", "", FeedbackKind.UNSUBSCRIBED),
        ("deferred", "", "451 4.7.1 Later", None),
        ("delivered", "", "250 2.0.0 OK", None),
        ("opened", "", "", None),
        ("autoresponded", "", "", None),
        ("unknown", "", "5.1.1", None),
    ],
)
def test_word_of_a_mail_service_has_one_meaning(event, reason, answer, meant):
    assert meaning(Told(event, "1", reason=reason, answer=answer)) == meant


@pytest.mark.parametrize(
    ("complained", "delivered", "too_many"),
    [(999, 999, False), (0, 1000, False), (1, 1000, True), (1, 1001, False), (2, 2000, True)],
)
def test_one_in_a_thousand_complaints_is_too_many_once_a_thousand_have_it(
    complained, delivered, too_many
):
    assert annoys_too_many(complained=complained, delivered=delivered) == too_many
