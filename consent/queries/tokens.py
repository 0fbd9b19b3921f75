"""Links to the preference centre: only we can make them, and each opens one person's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature

from common.keys import signer
from consent.enums import LinkSource
from customers.models import Customer

LINK = signer("preferences")
FORM = signer("preferences-form")
# A message may lie in a mailbox for a year; the link to unsubscribe in it never ends.
LINK_HOLDS = timedelta(days=400)
FORM_HOLDS = timedelta(days=1)
# Of a moment, an hour: a form shows no more of when it was made.
HOUR = 3600


@dataclass(frozen=True)
class Opened:
    """Whose preference centre a link opens, and who handed it out."""

    customer: Customer
    source: LinkSource


def preferences_token(
    customer: int, *, source: LinkSource = LinkSource.MESSAGE, at: datetime
) -> str:
    return LINK.sign(f"{customer}-{_hours(at)}-{source.value}")


def preferences_url(
    customer: int, *, source: LinkSource = LinkSource.MESSAGE, at: datetime
) -> str:
    """Return the address of a person's preference centre; takes the customer's id."""
    return f"{settings.PUBLIC_URL}/p/{preferences_token(customer, source=source, at=at)}"


def opened_by(token: str, *, at: datetime) -> Opened | None:
    """Return what a link opens: nothing when it is forged, too old, or the person was erased.

    Who was merged since is the survivor.
    """
    try:
        customer, made, source = LINK.unsign(token).split("-")
    except BadSignature:
        return None
    if _is_over(made, holds=LINK_HOLDS, at=at):
        return None
    person = Customer.objects.select_related("merged_into").filter(pk=customer).first()
    while person and person.merged_into:
        person = person.merged_into
    return Opened(person, LinkSource(source)) if person and not person.erased_at else None


def form_token(customer: Customer, *, at: datetime) -> str:
    """Return what a form on the page carries, in place of a session's CSRF token."""
    return FORM.sign(f"{customer.pk}-{_hours(at)}")


def is_own_form(token: str, customer: Customer, *, at: datetime) -> bool:
    """Say whether a form came from this person's page, not too long ago."""
    try:
        made_for, made = FORM.unsign(token).split("-")
    except BadSignature:
        return False
    return made_for == str(customer.pk) and not _is_over(made, holds=FORM_HOLDS, at=at)


def _hours(at: datetime) -> int:
    return int(at.timestamp()) // HOUR


def _is_over(made: str, *, holds: timedelta, at: datetime) -> bool:
    return (_hours(at) - int(made)) * HOUR > holds.total_seconds()
