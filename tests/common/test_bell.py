import time

from celery import shared_task

from common.bell import ring
from common.embedded.valkey import socket_url
from tests.programs import broker, tasks_sent_to, wait_until


@shared_task
def look() -> None:
    """Do nothing: only the message matters here."""


def test_ring_does_not_wait_for_a_broker_that_is_gone(tmp_path):
    with tasks_sent_to(socket_url(tmp_path)):
        began = time.monotonic()

        ring(look)

        assert time.monotonic() - began < 0.5


def test_ring_reaches_the_broker(tmp_path):
    with broker(tmp_path):
        ring(look)

        wait_until(lambda: look.app.connection_for_read().default_channel.client.llen("celery"))
