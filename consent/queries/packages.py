"""The file with all that is held about somebody: its link, and what may prove who opens it."""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature

from common.keys import signer
from common.text_transport import gateway
from consent.enums import Channel
from consent.models import Package
from consent.queries.predicate import ADDRESS_OF
from customers.models import Customer
from customers.operations.erasing import records_of
from customers.rules.masking import masked_email, masked_phone

LINK = signer("package")
BY_PHONE = (Channel.SMS, Channel.WHATSAPP)


@dataclass(frozen=True)
class Way:
    """Where a code can be sent: the address is masked."""

    channel: Channel
    address: str


def package_url(package: Package) -> str:
    return f"{settings.PUBLIC_URL}/d/{LINK.sign(str(package.pk))}"


def package_behind(token: str) -> Package | None:
    """Return what a link opens; None when it is forged, forgotten, or the person was erased."""
    try:
        number = LINK.unsign(token)
    except BadSignature:
        return None
    return Package.objects.select_related("customer").filter(pk=number).first()


def latest_package(customer: Customer) -> Package | None:
    theirs = Package.objects.filter(customer__in=records_of(customer))
    return theirs.select_related("customer").order_by("-pk").first()


def ways_to(customer: Customer) -> list[Way]:
    """Return by which channels a code reaches an address that we hold, telephones first."""
    ways = [
        Way(channel, masked_phone(customer.phone))
        for channel in BY_PHONE
        if customer.phone and gateway(channel)
    ]
    mail = masked_email(customer.email)
    return [*ways, Way(Channel.EMAIL, mail)] if mail else ways


def address_of(customer: Customer, channel: Channel) -> str:
    return getattr(customer, ADDRESS_OF[channel])
