from collections.abc import Iterator

import pytest

from tests.receivers import Receiver, receiver


@pytest.fixture
def shop(settings) -> Iterator[Receiver]:
    """Somebody else's server on this machine, which the shop has opened on purpose."""
    with receiver() as there:
        settings.WEBHOOK_ALLOW_HTTP = True
        settings.WEBHOOK_INNER_NETWORKS = ["127.0.0.0/8"]
        settings.WEBHOOK_PORTS = [443, there.port]
        yield there
