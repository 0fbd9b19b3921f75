"""The privacy officer's page: what is allowed, how that changes, and what waits for them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from campaigns.queries.withdrawals import clock as withdrawal_clock
from common.models import Export, User
from common.subjects import most_looks
from config.weekly import STRONG, WEAK, Series, by_week
from consent.enums import Channel, SuppressionReason
from consent.models import ProofRun, Purpose, RetentionRun
from consent.queries.coverage import (
    Coverage,
    Week,
    answers_by_week,
    coverage,
    ending,
    suppressions_by_reason,
)
from consent.queries.subject_requests import late_requests, open_requests
from customers.queries.erasures import waiting_erasures

MAY_SEE = "common.view_auditentry"
VIEWED = "customers.viewed"

MINUTES_A_FIGURE_MAY_BE_OLD = 10
WEEKS = 13
MONTH = timedelta(days=30)
LATEST_EXPORTS = 8
MOST_URGENT = 8


def page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    figures = _remembered(now)
    context |= {
        "title": _("Privacy"),
        "as_of": figures["as_of"],
        "coverage": [_rows(purpose, found) for purpose, found in figures["coverage"].items()],
        "total": _people(figures["coverage"]),
        "by_week": _by_week(figures["weeks"]),
        "looks": [(found, _link_to_looks(found.person)) for found in figures["looks"]],
        "blocked": _blocked(figures["blocked"]),
        "ending": figures["ending"],
        "clock": figures["clock"],
        **_moving(),
    }
    return TemplateResponse(request, "admin/privacy.html", context)


def _remembered(clock: Callable[[], datetime]) -> dict[str, Any]:
    """Count once in ten minutes: with a million customers it takes a few seconds."""

    def count() -> dict[str, Any]:
        at = clock()
        return {
            "as_of": at,
            "coverage": coverage(at=at),
            "weeks": answers_by_week(at=at, weeks=WEEKS),
            "looks": most_looks(VIEWED, since=at - MONTH),
            "blocked": suppressions_by_reason(),
            "ending": ending(since=at, until=at + MONTH),
            "clock": withdrawal_clock(since=at - MONTH),
        }

    found = cache.get_or_set("privacy:figures", count, MINUTES_A_FIGURE_MAY_BE_OLD * 60)
    return found or count()


def _moving() -> dict[str, Any]:
    """Return what is cheap to read, and so never old."""
    at = now()
    exports = Export.objects.select_related("actor", "api_key").order_by("-started_at", "-id")
    return {
        "waiting": open_requests()[:MOST_URGENT],
        "late": late_requests(at=at),
        "erasures": waiting_erasures().count(),
        "exports": exports.filter(started_at__gte=at - MONTH)[:LATEST_EXPORTS],
        "proof": ProofRun.objects.exclude(finished_at=None).order_by("-at").first(),
        "last_run": RetentionRun.objects.exclude(finished_at=None).order_by("-day").first(),
    }


def _people(found: dict[Purpose, list[Coverage]]) -> int:
    return next((rows[0].people for rows in found.values()), 0)


def _rows(purpose: Purpose, found: list[Coverage]) -> dict[str, Any]:
    channels = [it for it in found if isinstance(it.scope, Channel)]
    return {
        "purpose": purpose,
        "channels": channels,
        "categories": [it for it in found if it not in channels],
        "is_silent": not any(it.asked for it in found),
    }


def _by_week(weeks: list[Week]) -> dict[str, Any] | None:
    return by_week(
        [week.since for week in weeks],
        [
            Series(_("Allowed"), [week.opted_in for week in weeks], STRONG),
            Series(_("Refused"), [week.opted_out for week in weeks], WEAK),
        ],
    )


def _link_to_looks(person: User) -> str:
    narrowed = urlencode({"action": VIEWED, "actor__id__exact": person.pk})
    return f"{reverse('admin:common_auditentry_changelist')}?{narrowed}"


def _blocked(found: list[tuple[str, int]]) -> list[dict[str, Any]]:
    link = reverse("admin:consent_suppression_changelist")
    most = max((count for _reason, count in found), default=1)
    return [
        {
            "label": SuppressionReason(reason).label,
            "count": count,
            "share": round(100 * count / most),
            "link": f"{link}?{urlencode({'reason__exact': reason})}",
        }
        for reason, count in found
    ]
