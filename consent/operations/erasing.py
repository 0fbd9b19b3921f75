"""Addresses of somebody who is erased: they are not written to again, whoever brings them back."""

from collections.abc import Sequence

from django.db.models import Q

from consent.enums import RequestStage, SuppressionReason
from consent.models import InboundMessage, PendingOptIn, SubjectRequest
from consent.operations.suppressions import suppress
from consent.queries.predicate import ADDRESS_OF
from customers.models import Customer
from customers.operations.erasing import Leaving


def block_addresses(leaving: Leaving) -> None:
    for person in leaving.records:
        for channel, field in ADDRESS_OF.items():
            suppress(
                getattr(person, field),
                channel=channel,
                reason=SuppressionReason.ERASED,
                at=leaving.at,
            )


def forget_waiting(leaving: Leaving) -> None:
    """Forget what waits for an answer from their addresses, or waits to be read."""
    hashes = [
        digest
        for person in leaving.records
        for digest in (person.email_hash, person.phone_hash)
        if digest
    ]
    for table in (PendingOptIn, InboundMessage):
        table.objects.filter(contact_hash__in=hashes).delete()


def others_reached_there(people: Sequence[Customer]) -> int:
    """Count the customers besides who have an e-mail or phone of these."""
    emails = [person.email for person in people if person.email]
    phones = [person.phone for person in people if person.phone]
    sharing = Customer.objects.present().filter(Q(email__in=emails) | Q(phone__in=phones))
    return sharing.exclude(pk__in=[person.pk for person in people]).count()


def close_requests(leaving: Leaving) -> None:
    """Answer what the person asked: whatever it was, nothing is left that it could be about."""
    asked = SubjectRequest.objects.open().filter(customer__in=leaving.ids)
    asked.update(
        stage=RequestStage.DONE, closed_at=leaving.at, stopped_at=None, told_at=leaving.at
    )
