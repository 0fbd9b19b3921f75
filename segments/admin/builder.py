"""What the builder's script asks while a rule is made; answers are JSON.

The ``total`` is asked for beside all else, since it is there soonest; ``check`` is about every
part of the rule. When both are over, ``look`` is about the people it means, and ``reach`` about
whom of them an e-mail would reach.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.operations import audit
from common.staff import signed_in
from consent.enums import Channel
from consent.models import Purpose
from consent.queries.reach_in_words import lines, roughly
from customers.models import Customer
from segments.compiler import (
    Side,
    TooMuchAtOnce,
    changes,
    count,
    lint,
    meter,
    reach_of,
    sample,
    total_of,
)
from segments.forms import builder_settings
from segments.models import Segment
from segments.operations.saving import refuse_unfit
from segments.queries import Traits, patience, traits
from segments.queries.suggesting import suggestions
from segments.rules import BadRule, Rule, read_rule, sentence
from segments.rules.gallery import GALLERY, Ready

SECONDS_TO_SUGGEST = 3
Answer = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A rule that was read, what it is for, and the segment that it would change, if any."""

    rule: Rule
    purpose: Purpose
    segment: Segment | None
    at: datetime


def settings(pk: str | None) -> Answer:
    """Return what the script is told, for a new segment or for the one that is changed."""
    addresses = {
        name: reverse(f"admin:segments_segment_{name}")
        for name in ("total", "check", "look", "rule_reach", "values")
    }
    segment = Segment.objects.filter(pk=pk).first() if pk and pk.isdecimal() else None
    return builder_settings(addresses, segment=segment)


def gallery(chosen: Ready | None) -> list[Answer]:
    """Return the ready segments as cards, in a sentence where nothing is to be filled in."""
    known = traits()
    return [
        {
            "code": one.code,
            "name": one.name,
            "icon": one.icon,
            "words": _in_words(one, known),
            "json": json.dumps(one.rule),
            "purpose": one.purpose,
            "is_chosen": one == chosen,
        }
        for one in GALLERY
    ]


def _in_words(one: Ready, known: Traits) -> str:
    try:
        return sentence(read_rule(one.rule, known))
    except BadRule:
        return str(one.description)


def total(request: HttpRequest) -> HttpResponse:
    """Count whom a rule means, and nothing else."""
    return _answer(request, _totalled)


def check(request: HttpRequest) -> HttpResponse:
    """Count a rule and its parts and say what is odd, or say what is wrong and where."""
    return _answer(request, _counted)


def look(request: HttpRequest) -> HttpResponse:
    """Show a few people, who would come and go, and whose data the rule may use."""
    return _answer(request, lambda asked: _people(request, asked))


def reach(request: HttpRequest) -> HttpResponse:
    """Say whom an e-mail would reach, and why not the others."""
    return _answer(request, _reached)


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
    return JsonResponse({"values": [{"value": value, "label": label} for value, label in found]})


def _answer(request: HttpRequest, answer: Callable[[Asked], Answer]) -> HttpResponse:
    """Answer about a rule; one half made is an answer as good as any other."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        return JsonResponse(answer(_asked(json.loads(request.body))))
    except BadRule as refusal:
        return _wrong(refusal.message, refusal.pointer)
    except DomainError as refusal:
        return _wrong(refusal.message)
    except Purpose.DoesNotExist:
        return _wrong(_("Choose a purpose."))
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError, DataError):
        return HttpResponse(status=400)


def _asked(body: Any) -> Asked:
    code, pk = str(body["purpose"]), body.get("segment")
    rule, purpose = read_rule(body["rule"], traits()), Purpose.objects.get(pk=code)
    segment = Segment.objects.filter(pk=int(pk)).select_related("purpose").first() if pk else None
    meant_for = Segment(purpose=purpose)
    meant_for.pk = segment.pk if segment else None
    refuse_unfit(rule, segment=meant_for)
    return Asked(rule, purpose, segment, now())


def _totalled(asked: Asked) -> Answer:
    return {"total": total_of(asked.rule, purpose=asked.purpose, at=asked.at)}


def _counted(asked: Asked) -> Answer:
    counted = count(asked.rule, purpose=asked.purpose, at=asked.at)
    odd = lint(
        asked.rule,
        counted=counted,
        purpose=asked.purpose,
        at=asked.at,
        besides=asked.segment,
    )
    return {
        "total": counted.total,
        "everybody": counted.everybody,
        "held_back": roughly(counted.held_back),
        "counts": counted.counts,
        "left": counted.left,
        "missing": counted.missing,
        "sentence": sentence(asked.rule),
        "findings": [{**asdict(one), "label": one.flaw.label} for one in odd],
    }


def _people(request: HttpRequest, asked: Asked) -> Answer:
    may_see_people = request.user.has_perm("customers.view_customer")
    seen = sample(asked.rule, purpose=asked.purpose, at=asked.at) if may_see_people else []
    if seen:
        audit("segments.sample_seen", Customer, at=asked.at, by=signed_in(request))
    return {
        "sample": [_person(customer) for customer in seen],
        "meter": _meter(asked),
        "changes": _changes(asked, may_see_people=may_see_people),
    }


def _meter(asked: Asked) -> list[Answer]:
    measured = meter(asked.rule.categories, purpose=asked.purpose, at=asked.at)
    return [
        {"label": category.label, "allowed": allowed, "people": measured.people}
        for category, allowed in measured.allowed.items()
    ]


def _changes(asked: Asked, *, may_see_people: bool) -> Answer | None:
    """Say who would come and go; None for a new segment, and where it takes too long."""
    if asked.segment is None:
        return None
    try:
        found = changes(asked.rule, segment=asked.segment, purpose=asked.purpose, at=asked.at)
    except TooMuchAtOnce:
        return None
    if found is None:
        return None

    def told(side: Side) -> Answer:
        some = side.some if may_see_people else []
        return {"count": side.count, "some": [_person(customer) for customer in some]}

    return {"entering": told(found.entering), "leaving": told(found.leaving)}


def _reached(asked: Asked) -> Answer:
    question: Answer = {"purpose": asked.purpose, "channel": Channel.EMAIL, "at": asked.at}
    # What helps is told on the segment's page: here somebody waits between two clicks.
    found = reach_of(asked.rule, **question, with_help=False)
    *losses, _reachable = lines(found, everybody=_("Meant by the rule"), channel=Channel.EMAIL)
    return {
        "allowed": found.allowed,
        # From everybody down to those: the numbers add up for whoever reads them.
        "losses": [{"label": it.label, "people": it.people} for it in losses if found.losses],
    }


def _person(customer: Customer) -> dict[str, str]:
    page = reverse("admin:customers_customer_profile", args=[customer.pk])
    return {"name": str(customer), "city": customer.city, "url": page}


def _wrong(message: str, pointer: str = "") -> JsonResponse:
    return JsonResponse({"wrong": {"message": message, "pointer": pointer}})
