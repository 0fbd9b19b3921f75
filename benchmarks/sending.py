"""A campaign, message by message through its rows, against Django's plain mail loop."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection

from benchmarks.race import Result
from campaigns.models import Campaign, Offer, Template
from campaigns.operations.launching import launch
from campaigns.operations.sending import send_until_dry
from campaigns.operations.templates import save_template
from common.embedded.sockets import free_port
from segments.models import Segment

MESSAGES = 3_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)

FILL = """
INSERT INTO customers_customer (
    external_id, email, phone, first_name, last_name, gender, language, timezone, country, state,
    city, postal_code, stage, interests, attributes, registered_at, created_at, updated_at,
    email_hash
)
SELECT 'b-' || n, 'b' || n || '@bench.example', '', 'Ana', 'Souza', '', '', '', 'BR', '', '', '',
       'customer', '{}', '{}', now(), now(), now(), sha256(('b' || n)::bytea)
FROM generate_series(1, %(messages)s) AS n;
INSERT INTO consent_permission
    (purpose_id, customer_id, channel_email, data_identity, data_purchase, changed_at)
SELECT 'marketing', id, true, true, true, now() FROM customers_customer;
INSERT INTO segments_membership (segment_id, customer_id, entered_at, cause)
SELECT %(segment)s, id, now(), 'manual' FROM customers_customer;
ANALYZE;
"""
PARAGRAPH = "<p>Leite, pão e café: o que você mais compra, com desconto até domingo. </p>"
BODY = f"""<mjml><mj-body><mj-section><mj-column>
<mj-text>Olá {{{{ customer.first_name }}}}, {{{{ offer.summary }}}}</mj-text>
<mj-text>{{{{ voucher.code }}}}</mj-text>
<mj-button href="https://shop.example/">Ver</mj-button>
<mj-text>{PARAGRAPH * 60}</mj-text>
<mj-text><a href="{{{{ unsubscribe_url }}}}">Sair</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""

SINK = """
import asyncio, sys

async def talk(reader, writer):
    writer.write(b"220 sink\\r\\n")
    while line := await reader.readline():
        command = line[:4].upper()
        if command == b"DATA":
            writer.write(b"354 go\\r\\n")
            await reader.readuntil(b"\\r\\n.\\r\\n")
        writer.write(b"221 bye\\r\\n" if command == b"QUIT" else b"250 ok\\r\\n")
        if command == b"QUIT":
            break
    writer.close()

async def main():
    async with await asyncio.start_server(talk, "127.0.0.1", int(sys.argv[1]), limit=1 << 20) as s:
        await s.serve_forever()

asyncio.run(main())
"""


def run() -> Iterator[Result]:
    campaign = _campaign()
    launch(campaign, at=NOW)
    with _sink():
        began = perf_counter()
        sent = send_until_dry(clock=lambda: NOW)
        ours = sent / (perf_counter() - began)
        theirs = _plain_loop(campaign)
    if sent != MESSAGES:
        raise RuntimeError(f"{sent} of {MESSAGES} messages were sent")
    yield Result(
        name="campaign messages a second, one process",
        value=round(ours),
        unit="a s",
        against="Django's mail loop, no rows",
        against_value=round(theirs),
    )


def _campaign() -> Campaign:
    rule = {"all": [{"trait": "customers.spend", "operator": "at_least", "value": "9999999"}]}
    segment = Segment.objects.create(name="Everybody", rule=rule)
    template = Template(name="Long", subject="Olá, {{ customer.first_name }}", body=BODY)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"messages": MESSAGES, "segment": segment.pk})
    return Campaign.objects.create(
        name="Race",
        segment=segment,
        template=save_template(template, at=NOW),
        offer=Offer.objects.create(name="Twenty", percent=20),
        control_share=0,
    )


@contextmanager
def _sink() -> Iterator[None]:
    """Take mail in another process and forget it."""
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    command = [sys.executable, "-c", SINK, str(settings.EMAIL_PORT)]
    with subprocess.Popen(command) as process:
        while socket.socket().connect_ex(("127.0.0.1", settings.EMAIL_PORT)):
            time.sleep(0.05)
        yield
        process.terminate()


def _plain_loop(campaign: Campaign) -> float:
    began = perf_counter()
    with get_connection() as mail:
        for number in range(MESSAGES // 3):
            message = EmailMultiAlternatives(
                "Olá, Ana", "Olá", to=[f"b{number}@bench.example"], connection=mail
            )
            message.attach_alternative(campaign.template.html, "text/html")
            message.send()
    return MESSAGES // 3 / (perf_counter() - began)
