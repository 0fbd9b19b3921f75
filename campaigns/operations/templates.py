"""Templates: kept with their HTML, and looked at as somebody would get them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Template
from campaigns.queries.wording import Wording, compiled
from campaigns.rules.readiness import refusal_of_sensitive
from campaigns.rules.templates import (
    CompiledMessage,
    Letter,
    MissingData,
    TemplateRefused,
    compile_message,
    html_of,
    with_ways,
)
from campaigns.rules.variables import sensitive
from common.errors import DomainError
from common.mail_transport import Deferred, MailTransport, Refused, Unclear, Unreachable
from common.models import User
from common.operations import audit
from common.quick_mail import QuickMail
from consent.models import Purpose
from consent.queries.sensitive import specifically_allowed
from customers.models import Customer


def check_message(*, subject: str, body: str) -> CompiledMessage:
    """Compile a message as somebody wrote it; sensitive words need somebody who allowed them.

    Which purpose a template serves is known only with its campaign, whose launch asks again.
    Raises TemplateRefused.
    """
    message = compile_message(subject=subject, body=body)
    names = sensitive(message.variables)
    if names and not specifically_allowed(Purpose.objects.all()):
        raise TemplateRefused(refusal_of_sensitive(names[0]), field="body")
    return message


@transaction.atomic
def save_template(template: Template, *, at: datetime) -> Template:
    """Check a template, compile it and keep it. Raises TemplateRefused."""
    check_message(subject=template.subject, body=template.body)
    template.html = html_of(template.body)
    template.changed_at = at
    template.save()
    return template


class WouldBeSkipped(DomainError):
    """This person lacks something that the template says without a default."""

    code = "missing_data"
    status = 422


def preview(template: Template, *, customer: Customer, by: User, at: datetime) -> Letter:
    """Return the message as the customer would get it, with a voucher that is none.

    Whoever looks sees personal data, so it is written down. Raises WouldBeSkipped.
    """
    audit("templates.previewed", customer, at=at, by=by)
    wording = Wording(purpose=Purpose.objects.get(pk="marketing"), offer=None)
    try:
        letter = compiled(template.subject, with_ways(template.html))
        return letter.fill(wording.sample(customer))
    except MissingData as missing:
        raise WouldBeSkipped(
            _("%(name)s would be skipped: data that the template needs is missing.")
            % {"name": customer}
        ) from missing


class TestNotSent(DomainError):
    code = "test_not_sent"


def send_test(template: Template, *, customer: Customer, by: User, at: datetime) -> None:
    """Send the preview to whoever asks for it. Raises WouldBeSkipped and TestNotSent."""
    if not by.email:
        raise TestNotSent(_("You have no e-mail address yourself; an administrator adds it."))
    letter = preview(template, customer=customer, by=by, at=at)
    mail = QuickMail(subject=_("Test: %s") % letter.subject, body=letter.text, to=[by.email])
    mail.attach_alternative(letter.html, "text/html")
    try:
        with MailTransport() as transport:
            transport.send(mail)
    except (Unreachable, Deferred, Refused, Unclear) as problem:
        raise TestNotSent(_("The mail server did not take the message.")) from problem
