"""Templates: kept with their HTML, looked at as somebody would get them."""

from datetime import datetime

from campaigns.models import Template
from campaigns.rules.templates import compile_message, html_of
from common.errors import DomainError


class NoAddressOfYourOwn(DomainError):
    code = "no_address"
    status = 422


def save_template(template: Template, *, at: datetime) -> Template:
    """Check a template, compile it and keep it. Raises TemplateRefused."""
    compile_message(subject=template.subject, body=template.body)
    template.html = html_of(template.body)
    template.changed_at = at
    template.save()
    return template
