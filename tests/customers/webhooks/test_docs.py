import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from customers.rules.webhooks import secret_of, signed_headers

SECRET = secret_of(b"a key of thirty-two random bytes")


def is_genuine(headers, body, secret):
    text = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 -- our own page
    return names["is_genuine"](headers, body, secret)


def test_the_example_of_the_docs_knows_what_is_ours():
    at = datetime.now(UTC)
    headers = signed_headers(
        b"{}", secrets=[secret_of(b"former"), SECRET], webhook_id="msg_1", at=at
    )
    old = signed_headers(b"{}", secrets=[SECRET], webhook_id="msg_1", at=at - timedelta(minutes=6))

    assert is_genuine(headers, b"{}", SECRET)
    assert not is_genuine(headers, b'{"more": 1}', SECRET)
    assert not is_genuine(headers, b"{}", secret_of(b"another"))
    assert not is_genuine(old, b"{}", SECRET)
