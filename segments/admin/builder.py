"""What the builder's script asks while a rule is made; answers are JSON."""

import json
from datetime import datetime
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from common.templatetags.clientela import whole
from consent.enums import Channel
from consent.models import Purpose
from consent.queries.reach_in_words import held_back
from customers.models import Customer
from segments.compiler import Funnel, TooMuchAtOnce, preview, reach_of
from segments.operations.saving import refuse_sensitive
from segments.queries import patience, suggestions, traits
from segments.rules import BadRule, Rule, read_rule, sentence

SECONDS_TO_SUGGEST = 3


def check(request: HttpRequest) -> HttpResponse:
    """Count a rule and its parts and show a few people, or say what is wrong and where.

    A rule half made is an answer as good as any other, not a failed request.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        asked = json.loads(request.body)
        return JsonResponse(_answer(request, asked["rule"], str(asked["purpose"])))
    except BadRule as refusal:
        return _wrong(refusal.message, refusal.pointer)
    except DomainError as refusal:
        return _wrong(refusal.message)
    except Purpose.DoesNotExist:
        return _wrong(_("Choose a purpose."))
    except (ValueError, KeyError, TypeError, RecursionError):
        return HttpResponse(status=400)


def values(request: HttpRequest) -> HttpResponse:
    """Suggest values that are found in the data; none rather than late."""
    trait = traits().get(request.GET.get("trait", ""))
    if trait is None:
        return JsonResponse({"values": []})
    text, narrowed_by = request.GET.get("q", "")[:100], request.GET.get("filter", "")
    try:
        with patience(SECONDS_TO_SUGGEST):
            found = suggestions(trait, text=text, narrowed_by=narrowed_by)
    except OperationalError:
        found = []
    return JsonResponse({"values": found})


def _answer(request: HttpRequest, told: object, purpose: str) -> dict[str, Any]:
    at = now()
    rule = read_rule(told, traits())
    meant_for = Purpose.objects.get(pk=purpose)
    refuse_sensitive(rule, purpose=meant_for)
    seen = preview(rule, purpose=meant_for, at=at)
    may_see_people = request.user.has_perm("customers.view_customer")
    if may_see_people and seen.sample:
        audit("segments.sample_seen", Customer, at=at, by=signed_in(request))
    return {
        "total": seen.funnel.total,
        "held_back": _roughly(seen.funnel),
        "reach": _reach(rule, meant_for, at),
        "counts": seen.funnel.counts,
        "missing": seen.funnel.missing,
        "sentence": sentence(rule),
        "sample": [_person(customer) for customer in seen.sample] if may_see_people else [],
    }


def _reach(rule: Rule, purpose: Purpose, at: datetime) -> dict[str, Any] | None:
    """Say who would be reached by e-mail and who not, and why; None where it takes too long."""
    try:
        # What helps is told on the segment's page: here somebody waits between two clicks.
        reach = reach_of(rule, purpose=purpose, channel=Channel.EMAIL, at=at, with_help=False)
    except TooMuchAtOnce:
        return None
    lines = held_back(reach)
    return {
        "allowed": whole(reach.allowed),
        "held_back": [{"label": line.label, "people": line.people} for line in lines],
    }


def _person(customer: Customer) -> dict[str, str]:
    page = reverse("admin:customers_customer_profile", args=[customer.pk])
    return {"name": str(customer), "city": customer.city, "url": page}


def _roughly(funnel: Funnel) -> str:
    most = funnel.held_back_at_most
    return whole(most) if most == funnel.held_back else f"< {most}"


def _wrong(message: str, pointer: str = "") -> JsonResponse:
    return JsonResponse({"wrong": {"message": message, "pointer": pointer}})
