"""Of all customers, who can be reached, who not, and what helps: behind the dashboard's number."""

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from consent.enums import Channel
from consent.models import Purpose
from consent.queries.reach import Question, Reach, funnel, with_remedies
from consent.queries.reach_in_words import Choice, channels_to_choose, lines
from customers.models import Customer

MAY_SEE = "customers.view_customer"
SECONDS_A_COUNT_MAY_BE_OLD = 60


def page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    asked = Purpose.objects.filter(is_active=True)
    purpose = get_object_or_404(Purpose, pk=request.GET.get("purpose", "marketing"))
    channel, channels = channels_to_choose(request.GET.get("channel", ""))
    reach, at = _remembered(purpose, channel)
    context |= {
        "title": _("Why can't we reach them?"),
        "as_of": at,
        "channels": channels,
        "purposes": [Choice(it.code, str(it), it == purpose) for it in asked.order_by("code")],
        "purpose": purpose,
        "channel": channel,
        "lines": lines(reach, everybody=_("Customers"), channel=channel),
    }
    return TemplateResponse(request, "admin/reach.html", context)


def _remembered(purpose: Purpose, channel: Channel) -> tuple[Reach, datetime]:
    """Count once a minute: with a million customers it takes seconds."""
    key = f"reach:{purpose.pk}:{channel.value}"
    found: tuple[Reach, datetime] | None = cache.get(key)
    if found is None:
        question = Question(purpose=purpose, channel=channel, using=(), at=now())
        people = Customer.objects.present()
        reach = with_remedies(funnel(people, **question), people, **question)
        found = (reach, question["at"])
        cache.set(key, found, SECONDS_A_COUNT_MAY_BE_OLD)
    return found
