"""Sign-ups for tests."""

import re
from datetime import datetime

from django.core import mail

from common.enums import Language
from consent.enums import Channel
from consent.models import CollectionPoint, PendingOptIn, Purpose
from consent.operations.opt_in_messages import send_opt_ins
from consent.operations.opt_ins import Asked, ask, pending_of
from customers.enums import Category
from tests.factories import NOW

ADDRESS = "ana@mail.example"


def sign_up(
    address: str = ADDRESS,
    *,
    channel: Channel = Channel.EMAIL,
    purpose: str = "marketing",
    categories: tuple[Category, ...] = (),
    language: Language = Language.ENGLISH,
    at: datetime = NOW,
    network: str = "",
    **facts,
) -> PendingOptIn:
    """Ask as the sign-up page does; return what waits."""
    asked = Asked(
        channel,
        address,
        Purpose.objects.get(pk=purpose),
        categories,
        CollectionPoint.objects.get(pk="sign_up"),
        language,
        **facts,
    )
    pending = pending_of(ask(asked, at=at, network=network, agent="Firefox"))
    assert pending
    return pending


def link_in_mail(address: str = ADDRESS, *, at: datetime = NOW) -> str:
    """Let the task send what waits; return the token in the last mail to the address."""
    send_opt_ins(at=at)
    letters = [letter for letter in mail.outbox if letter.to == [address]]
    found = re.search(r"/o/(\S+)", str(letters[-1].body))
    assert found
    return found[1]
