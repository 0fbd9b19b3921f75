from datetime import UTC, datetime, timedelta

import pytest

from customers.enums import WebhookContent
from customers.rules.webhooks import MOST_TRIES, body_of, signed_headers, wait_before_next

AT = datetime(2021, 2, 25, 0, 0, 0, tzinfo=UTC)
# The specification shows it.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 -- everybody's


def test_the_signature_is_the_specifications():
    """Example of the specification, "Signature scheme": its secret, id, time and body."""
    headers = signed_headers(
        b'{"test": 2432232314}',
        secrets=[SECRET],
        webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=datetime.fromtimestamp(1614265330, UTC),
    )

    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_twice():
    headers = signed_headers(b"{}", secrets=[SECRET, "whsec_AAAA"], webhook_id="msg_1", at=AT)

    signatures = headers["webhook-signature"].split(" ")
    assert len(set(signatures)) == 2
    assert all(signature.startswith("v1,") for signature in signatures)


def said(content, *, may_name=True):
    body = body_of(
        "customers.order_placed",
        occurred_at=AT,
        customer="C-1",
        details={"total": "10.00", "order_id": 7},
        content=content,
        may_name=may_name,
    )
    return body.decode()


@pytest.mark.parametrize(
    ("content", "may_name", "told"),
    [
        (WebhookContent.EVENT, True, "{}"),
        (WebhookContent.CUSTOMER, True, '{"customer":"C-1"}'),
        (WebhookContent.DETAILS, True, '{"customer":"C-1","details":{"total":"10.00"}}'),
        (WebhookContent.CUSTOMER, False, '{"customer":null}'),
        (WebhookContent.DETAILS, False, '{"customer":null,"details":{}}'),
    ],
)
def test_a_body_tells_no_more_than_it_may(content, may_name, told):
    begin = '{"type":"customers.order_placed","timestamp":"2021-02-25T00:00:00Z","data":'

    assert said(content, may_name=may_name) == f"{begin}{told}}}"


def test_tries_stretch_over_three_days_and_end():
    waits = [wait_before_next(tries, jitter=0) for tries in range(1, MOST_TRIES + 1)]

    assert waits[0] == timedelta(seconds=5)
    assert waits[-1] is None
    assert sum(filter(None, waits), timedelta()) == timedelta(
        days=3, hours=3, minutes=35, seconds=5
    )


def test_what_failed_together_does_not_come_back_together():
    assert wait_before_next(2, jitter=1) == timedelta(seconds=330)


def test_a_receiver_may_ask_for_more_time_up_to_a_day():
    hour, year = 3600, 365 * 86_400

    asked = [wait_before_next(1, jitter=0, asked=seconds) for seconds in (1, hour, year)]

    assert asked == [timedelta(seconds=5), timedelta(hours=1), timedelta(days=1)]
