"""What is sent about a package of data: its link by e-mail, its code wherever the person says."""

from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from common.mail_transport import Deferred, MailTransport, Refused, Unclear, Unreachable
from common.operations import audit
from common.text_transport import ShortText, TextTransport
from consent.enums import Channel
from consent.models import Package, SubjectRequest
from consent.operations.letters import is_settled, letter
from consent.operations.packages import claim
from consent.operations.subject_requests import finish
from consent.queries.packages import address_of, package_url
from consent.rules.packages import ANSWERED
from customers.operations.erasing import records_of
from customers.operations.sealing import unseal_for

# Longer than a mail server may take to answer; also the pause before the next try.
LEASE = timedelta(minutes=2)


def send_links(*, at: datetime) -> int:
    """Send the link of every package that is ready, which answers the request; return how many.

    A worker that dies in between sends it a second time.
    """
    began, sent = monotonic(), 0
    with MailTransport() as transport:
        while package := claim(Package.objects.to_tell(at=at), lease=_lease(began), at=at):
            sent += _send_link(transport, package, at=at)
    return sent


def _lease(began: float) -> timedelta:
    return LEASE + timedelta(seconds=monotonic() - began)


def _send_link(transport: MailTransport, package: Package, *, at: datetime) -> bool:
    customer = package.customer
    if not customer.email or not is_settled(transport, _link(package)):
        return False
    Package.objects.filter(pk=package.pk).update(told_at=at, lease_until=None)
    audit("packages.sent", customer, at=at)
    _answer_requests(package, at=at)
    return True


def _link(package: Package) -> EmailMessage:
    return letter(
        "package",
        package.language,
        package.customer.email,
        customer=package.customer,
        url=package_url(package),
        until=package.valid_until,
    )


def _answer_requests(package: Package, *, at: datetime) -> None:
    """Close what the package answers; the letter that went is the answer."""
    asked = SubjectRequest.objects.open().filter(
        customer__in=records_of(package.customer), kind__in=ANSWERED, stopped_at=None
    )
    with translation.override(package.language):
        answer = _("We sent you the link to a file with all we hold about you, by e-mail.")
    for request in asked.select_related("customer"):
        finish(request, answer=answer, by=None, at=at)
        SubjectRequest.objects.filter(pk=request.pk).update(told_at=at)


def send_codes(*, at: datetime) -> int:
    """Send every code that was asked for; return how many left."""
    began, sent = monotonic(), 0
    with MailTransport() as mail:
        waiting = Package.objects.with_code_to_send(at=at)
        while package := claim(waiting, lease=_lease(began), at=at):
            sent += _send_code(package, mail, TextTransport())
    return sent


def _send_code(package: Package, mail: MailTransport, texts: TextTransport) -> bool:
    code = unseal_for(package.customer, bytes(package.code_sealed or b""))
    channel = Channel(package.code_channel)
    address = address_of(package.customer, channel)
    if code and address and not _is_carried(package, channel, address, code, mail, texts):
        return False
    # Another may have been asked for meanwhile, which is still to be sent.
    mine = Package.objects.filter(pk=package.pk, code_hash=package.code_hash)
    mine.update(code_sealed=None)
    Package.objects.filter(pk=package.pk).update(lease_until=None)
    return bool(code and address)


def _is_carried(
    package: Package,
    channel: Channel,
    address: str,
    code: str,
    mail: MailTransport,
    texts: TextTransport,
) -> bool:
    if channel == Channel.EMAIL:
        return is_settled(mail, letter("package_code", package.language, address, code=code))
    try:
        texts.send(_text(package, channel, address, code))
    except (Unreachable, Deferred):
        return False
    except (Refused, Unclear):
        return True
    return True


def _text(package: Package, channel: Channel, address: str, code: str) -> ShortText:
    facts = {"shop": settings.SHOP_NAME, "code": code}
    with translation.override(package.language):
        text = render_to_string("consent/mail/package_text.txt", facts).strip()
    until = package.code_until.isoformat() if package.code_until else ""
    return ShortText(channel, address, text, reference=f"package-{package.pk}-{until}")
