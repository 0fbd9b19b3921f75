"""What mail services tell, as Anymail has read it."""

import json
from typing import Any

from anymail.signals import AnymailTrackingEvent, tracking
from django.dispatch import receiver
from django.utils.timezone import now

from campaigns.operations.feedback import take
from campaigns.queries.tokens import PROOF
from campaigns.rules.feedback import Told
from common.keys import keyed_hash


@receiver(tracking)
def hear_of_a_message(event: AnymailTrackingEvent, esp_name: str, **kwargs: Any) -> None:
    take(_told(event, service=esp_name), at=now())


def _told(event: AnymailTrackingEvent, *, service: str) -> Told:
    return Told(
        event=event.event_type,
        reference=_reference(event, service),
        proof=str((event.metadata or {}).get(PROOF, "")),
        reason=event.reject_reason or "",
        answer=f"{event.mta_response or ''} {event.description or ''}",
        recipient=event.recipient or "",
        happened_at=event.timestamp,
    )


def _reference(event: AnymailTrackingEvent, service: str) -> str:
    """Name the word: some services give no id, and then it is what they say.

    A hash with a key, since what they say has the address in it.
    """
    named = event.event_id or json.dumps(event.esp_event, sort_keys=True, default=str)
    return keyed_hash(f"{service}:{event.event_type}:{named}", use="feedback").hex()
