"""What the builder's script asks while a rule is made; answers are JSON."""

import json
from datetime import datetime
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.operations import audit
from common.staff import signed_in
from common.templatetags.clientela import whole
from consent.models import Purpose
from customers.models import Customer
from segments.compiler import funnel, matching
from segments.queries import patience, suggestions, traits
from segments.rules import BadRule, Rule, read_rule, sentence

SECONDS_TO_COUNT = 10
SAMPLE = 10
# Below this, a difference between two counts could tell what one person refused.
SMALLEST_TOLD = 10


def check(request: HttpRequest) -> HttpResponse:
    """Count a rule and its parts and show a few people, or say what is wrong and where."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at = now()
    try:
        asked = json.loads(request.body)
        rule = read_rule(asked.get("rule"), traits())
        purpose = Purpose.objects.get(pk=str(asked.get("purpose")))
        with patience(SECONDS_TO_COUNT):
            return JsonResponse(_answer(request, rule, purpose, at=at))
    except BadRule as refusal:
        return _refused(refusal.message, refusal.pointer)
    except Purpose.DoesNotExist:
        return _refused(_("Choose a purpose."))
    except OperationalError:
        return _refused(_("Counting takes too long. Ask for less at once."))
    except (ValueError, AttributeError, RecursionError):
        return HttpResponse(status=400)


def values(request: HttpRequest) -> HttpResponse:
    """Suggest values that are found in the data."""
    trait = traits().get(request.GET.get("trait", ""))
    if trait is None:
        return JsonResponse({"values": []})
    try:
        with patience(SECONDS_TO_COUNT):
            found = suggestions(
                trait,
                text=request.GET.get("q", "")[:100],
                narrowed_by=request.GET.get("filter", ""),
            )
    except OperationalError:
        found = []
    return JsonResponse({"values": found})


def _answer(request: HttpRequest, rule: Rule, purpose: Purpose, *, at: datetime) -> dict[str, Any]:
    counted = funnel(rule, purpose=purpose, at=at)
    return {
        "total": counted.total,
        "held_back": _roughly(counted.held_back),
        "counts": counted.counts,
        "missing": counted.missing,
        "sentence": sentence(rule),
        "sample": _sample(request, rule, purpose, at=at),
    }


def _sample(
    request: HttpRequest, rule: Rule, purpose: Purpose, *, at: datetime
) -> list[dict[str, str]]:
    """Return a few people whom the rule means, those who came last first."""
    if not request.user.has_perm("customers.view_customer"):
        return []
    found = list(matching(rule, purpose=purpose, at=at).order_by("-registered_at", "-id")[:SAMPLE])
    audit("segments.sample_seen", Customer, at=at, by=signed_in(request))
    return [
        {
            "name": str(customer),
            "city": customer.city,
            "url": reverse("admin:customers_customer_profile", args=[customer.pk]),
        }
        for customer in found
    ]


def _roughly(count: int) -> str:
    return whole(count) if count == 0 or count >= SMALLEST_TOLD else f"< {SMALLEST_TOLD}"


def _refused(message: str, pointer: str = "") -> JsonResponse:
    return JsonResponse({"message": message, "pointer": pointer}, status=422)
