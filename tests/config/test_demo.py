"""The demo lives a small shop's year through: whole, once, and also when it is killed."""

import csv
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils.timezone import now

from campaigns.enums import ApologyState, CampaignState, Outcome
from campaigns.models import Apology, Campaign, Click, Message, Redemption
from campaigns.queries.results import Waterfall, result, waterfall
from campaigns.queries.why import why
from config.demo.files import Files, files_in
from config.demo.plans import SEGMENTS
from config.demo.seeding import INVENTED, Demo, seed
from config.demo.slice import HOUSEHOLDS
from consent.operations.proofs import prove
from customers.models import Case, Customer, Event, ImportJob, Order, OrderLine, Product
from loyalty.models import Member, Transaction
from loyalty.queries import faults
from segments.models import Segment
from tests.programs import running, wait_until

# The slice, and three who have something to complain about.
FEW = (*HOUSEHOLDS, 1147, 2113, 2388)


def make_demo(folder, *, at=None) -> Demo:
    return Demo(folder=folder, at=at or now(), say=lambda what: None, progress=lambda job: None)


def test_the_demo_leaves_something_to_show_on_every_page(real_db, mailbox, tmp_path):
    demo = make_demo(tmp_path)

    seed(demo, households=FEW)

    assert everything_came_in(files_in(tmp_path))
    assert {segment.name for segment in Segment.objects.all()} == SEGMENTS.keys()
    assert not Segment.objects.filter(refreshed_at=None).exists()
    counted = the_result(demo)
    assert counted.sent == len(mailbox.names()) > 40
    assert 0 < counted.redeemed < counted.sent
    assert set(Redemption.objects.values_list("note", flat=True)) == {INVENTED}
    assert 0 < counted.clicked < counted.sent
    assert list(faults()) == []
    assert apologies() == {ApologyState.ISSUED: 1, ApologyState.WAITING: 1}
    assert permission_is_proven(at=demo.at)
    assert everybody_is_told_why(at=demo.at)


def test_seeding_again_changes_nothing(real_db, mailbox, tmp_path):
    demo = make_demo(tmp_path)
    seed(demo, households=FEW)
    before, letters = contents(), mailbox.names()

    seed(make_demo(tmp_path), households=FEW)

    assert contents() == before
    assert mailbox.names() == letters


SEEDING = """
import sys
from datetime import datetime
from pathlib import Path

import django

django.setup()
from config.demo.seeding import Demo, seed

folder, at, *households = sys.argv[1:]
demo = Demo(
    folder=Path(folder),
    at=datetime.fromisoformat(at),
    say=lambda what: print(what, flush=True),
    progress=lambda job: print(f"Working on {job.file_name}", flush=True),
)
seed(demo, households=[int(household) for household in households])
"""


@pytest.mark.fault
def test_a_demo_that_is_killed_thrice_goes_on_and_comes_whole(real_db, mailbox, tmp_path):
    at = now()

    kill_seeding(tmp_path, at=at, when="Working on orders-history.csv")
    kill_seeding(
        tmp_path,
        at=at,
        when="Sending it through SMTP",
        also=lambda: len(mailbox.names()) > 10,
    )
    kill_seeding(tmp_path, at=at, when="Letting some customers answer")
    demo = make_demo(tmp_path, at=at)
    seed(demo, households=FEW)

    assert everything_came_in(files_in(tmp_path))
    counted = the_result(demo)
    # The one that was being handed over at the kill may have arrived or not: a person looks.
    assert counted.uncertain <= 1
    arrived = Counter(letter["To"] for letter in mailbox.messages())
    assert set(arrived.values()) == {1}
    assert counted.sent <= len(arrived) <= counted.sent + counted.uncertain
    assert list(faults()) == []
    assert apologies() == {ApologyState.ISSUED: 1, ApologyState.WAITING: 1}


def kill_seeding(folder, *, at: datetime, when: str, also=lambda: True) -> None:
    """Seed in another process, and kill it as soon as it says ``when``, and ``also`` holds."""
    command = [sys.executable, "-c", SEEDING, str(folder), at.isoformat(), *map(str, FEW)]
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "MAIL_CATCHER_PORT": str(settings.EMAIL_PORT),
    }
    with running(command, stdout=subprocess.PIPE, environment=environment) as seeding:
        assert seeding.stdout
        # The output ends with the program: then it never said so.
        assert any(when in line.decode() for line in seeding.stdout)
        wait_until(also)
        os.killpg(seeding.pid, signal.SIGKILL)
        assert seeding.wait() == -signal.SIGKILL


def everything_came_in(files: Files) -> bool:
    """Compare the tables with the files."""
    lines = [*rows(files.orders_history), *rows(files.orders_recent)]
    assert not ImportJob.objects.exclude(rejected_count=0).exists()
    assert Customer.objects.count() == len(FEW) == len(rows(files.customers))
    assert Product.objects.count() == len(rows(files.products))
    assert Case.objects.count() == len(rows(files.cases))
    assert Order.objects.count() == len({line["order"] for line in lines})
    assert sum(OrderLine.objects.values_list("total", flat=True)) == sum(
        Decimal(line["total"]) for line in lines
    )
    return True


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def the_result(demo: Demo) -> Waterfall:
    """Return where everybody of the one campaign went, which was over three weeks ago."""
    campaign = Campaign.objects.get()
    compared = result(campaign, at=demo.at)
    counted = waterfall(campaign)
    assert campaign.state == CampaignState.FINISHED
    assert campaign.finished_at == campaign.launched_at == demo.launched_at
    assert counted.adds_up
    assert counted.waiting == counted.failed == 0
    assert compared
    assert (
        compared.control.people + compared.treated.people
        == counted.will_send + counted.held[Outcome.CONTROL_GROUP]
    )
    assert compared.treated.orders > 0
    return counted


def permission_is_proven(*, at: datetime) -> bool:
    """Say whether the night would find a permission behind every message and click."""
    run = prove(at=at)
    assert all((run.permissions_checked, run.messages_checked, run.clicks_checked))
    return run.faults == 0


def everybody_is_told_why(*, at: datetime) -> bool:
    """Say whether whoever got the message can read the words that they accepted."""
    sent = Message.objects.filter(sent_at__isnull=False)
    grounds = [why(message, at=at).grounds for message in sent]
    return all(grounds) and all(ground.text for each in grounds for ground in each)


def apologies() -> dict[str, int]:
    return Counter(Apology.objects.values_list("state", flat=True))


def contents() -> dict[str, int]:
    """Count what a second seeding might write again."""
    tables = (
        *(Customer, Order, Event, ImportJob, Segment, Campaign, Message, Click, Redemption),
        *(Member, Transaction, Apology),
    )
    return {model.__name__: model.objects.count() for model in tables}
