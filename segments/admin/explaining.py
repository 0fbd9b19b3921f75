"""Why a customer is in a segment, or is not: a page for staff."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.models import User
from common.operations import audit
from common.staff import signed_in, typed
from customers.enums import Category
from customers.models import Customer
from segments.compiler import Change, Told, explain, next_change, told
from segments.models import Segment
from segments.queries import decided_by_hand, rule_of, segments_beside, sentence_of
from segments.rules import BadRule, Rule

MAY_SEE = ("segments.view_segment", "segments.view_membership", "customers.view_customer")
# What somebody must be allowed to see before they are shown what we saw; all else is on the
# profile for whoever sees customers.
SHOWN_TO = {
    Category.PURCHASE: "customers.view_order",
    Category.INFERRED: "customers.view_order",
    Category.SENSITIVE: "customers.view_sensitivetopic",
}


def explain_page(request: HttpRequest, pk: int, customer_pk: int) -> HttpResponse:
    """Show every condition of a segment with its answer for one customer."""
    user, customer = _looked_for(request, customer_pk)
    segment = get_object_or_404(Segment.objects.select_related("purpose"), pk=pk)
    at = now()
    context = {
        **admin.site.each_context(request),
        "title": f"{customer} · {segment}",
        "customer": customer,
        "segment": segment,
        "asked_at": at,
        "stay": segment.memberships.standing().filter(customer=customer).first(),
        "pick": decided_by_hand(segment, customer),
    }
    try:
        rule = rule_of(segment)
    except BadRule as refusal:
        context["wrong"] = refusal.message
    else:
        context |= _explained(rule, segment, customer, hidden=_hidden_from(user), at=at)
    audit("segments.explained", customer, at=at, by=user, reason=segment.name)
    return TemplateResponse(request, "segments/explain/page.html", context)


def why_page(request: HttpRequest, customer_pk: int) -> HttpResponse:
    """List all segments, those that the customer is in first, to ask why about each."""
    user, customer = _looked_for(request, customer_pk)
    text = typed(request)
    audit("customers.viewed", customer, at=now(), by=user, fields=["segments"])
    context = {
        **admin.site.each_context(request),
        "title": _("Why, and why not?"),
        "customer": customer,
        "text": text,
        "segments": segments_beside(customer, text=text),
    }
    return TemplateResponse(request, "segments/explain/segments.html", context)


def _looked_for(request: HttpRequest, customer_pk: int) -> tuple[User, Customer]:
    if not request.user.has_perms(MAY_SEE):
        raise PermissionDenied
    return signed_in(request), get_object_or_404(Customer.objects.present(), pk=customer_pk)


def _explained(
    rule: Rule,
    segment: Segment,
    customer: Customer,
    *,
    hidden: Collection[Category],
    at: datetime,
) -> dict[str, Any]:
    asked = explain(rule, customer, purpose=segment.purpose, at=at)
    whole: Told = told(asked, at=at, hidden=hidden)
    change: Change | None = next_change(rule, asked, customer, purpose=segment.purpose, at=at)
    return {
        "sentence": sentence_of(segment),
        "tree": whole,
        "fits": bool(asked.counts),
        "change": None if whole.hides_a_day else change,
        "changes_daily": any(part.changes_daily and not part.flips_at for part in asked),
    }


def _hidden_from(user: User) -> frozenset[Category]:
    return frozenset(it for it, needed in SHOWN_TO.items() if not user.has_perm(needed))
