"""The first page: how the shop does, and where to begin, for whoever is signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Apology, Campaign, Redemption
from campaigns.queries.figures import running_campaigns, vouchers_redeemed, waiting_apologies
from common.health import SystemState, system_states
from common.models import ApiKey, AuditEntry, User
from common.templatetags.clientela import money, whole
from config.navigation import may_add, may_view
from config.weekly import STRONG, Series, by_week
from consent.enums import Channel
from consent.models import ProofRun, Purpose, SubjectRequest, Suppression
from consent.queries.predicate import contactable
from consent.queries.subject_requests import open_requests
from customers.models import (
    Case,
    ConsumerPosition,
    Customer,
    ErasureRequest,
    ImportJob,
    Order,
)
from customers.queries.erasures import waiting_erasures
from customers.queries.figures import Sales, customer_count, open_cases, sales, sales_by_week
from loyalty.models import Member
from loyalty.queries import points_outstanding
from segments.models import Segment

SECONDS_A_FIGURE_MAY_BE_OLD = 60
MONTH = timedelta(days=30)
WEEKS = 13


@dataclass(frozen=True)
class Figure:
    """A number on a card, shown to those who may view ``model`` and linked to its list."""

    code: str
    label: str | Promise
    model: type[Model]
    value: Callable[[datetime], Any]
    show: Callable[[Any], str] = whole
    query: str = ""
    # A page of its own, instead of the list.
    url_name: str = ""


@dataclass(frozen=True)
class Start:
    """Something to begin, offered to those who may add to ``model``."""

    label: str | Promise
    hint: str | Promise
    icon: str
    model: type[Model]
    url_name: str


def reachable(at: datetime) -> int:
    """Count the customers to whom marketing may write by e-mail."""
    marketing = Purpose.objects.get(code="marketing")
    everybody = Customer.objects.present()
    return contactable(
        everybody, purpose=marketing, channel=Channel.EMAIL, using=(), at=at
    ).count()


def proof_faults() -> int | None:
    """Return what the last proof found; None before there was one."""
    proof = ProofRun.objects.exclude(finished_at=None).order_by("-at").first()
    return proof.faults if proof else None


FIGURES = (
    Figure("customers", gettext_lazy("Customers"), Customer, lambda _at: customer_count()),
    Figure(
        "reachable",
        gettext_lazy("Reachable by e-mail"),
        Customer,
        reachable,
        url_name="admin:reach",
    ),
    Figure(
        "orders",
        gettext_lazy("Orders in 30 days"),
        Order,
        lambda at: sales(since=at - MONTH).orders,
    ),
    Figure(
        "revenue",
        gettext_lazy("Revenue in 30 days"),
        Order,
        lambda at: sales(since=at - MONTH).revenue,
        show=money,
    ),
    Figure(
        "campaigns",
        gettext_lazy("Campaigns planned or running"),
        Campaign,
        lambda _at: running_campaigns(),
    ),
    Figure(
        "redeemed",
        gettext_lazy("Vouchers redeemed in 30 days"),
        Redemption,
        lambda at: vouchers_redeemed(since=at - MONTH),
    ),
    Figure(
        "points",
        gettext_lazy("Points outstanding"),
        Member,
        lambda _at: points_outstanding(),
    ),
    Figure(
        "apologies",
        gettext_lazy("Apology vouchers to approve"),
        Apology,
        lambda _at: waiting_apologies(),
        query="?state__exact=waiting",
    ),
    Figure(
        "requests",
        gettext_lazy("Requests of people to answer"),
        SubjectRequest,
        lambda _at: open_requests().count(),
    ),
    Figure(
        "erasures",
        gettext_lazy("Erasures to approve"),
        ErasureRequest,
        lambda _at: waiting_erasures().count(),
        query="?state__exact=waiting",
    ),
    Figure(
        "cases",
        gettext_lazy("Open cases"),
        Case,
        lambda _at: open_cases(),
        query="?status__exact=open",
    ),
    Figure(
        "proof",
        gettext_lazy("Faults in the nightly proof"),
        AuditEntry,
        lambda _at: proof_faults(),
        show=lambda faults: whole(faults) or _("not proven yet"),
        url_name="admin:privacy",
    ),
)

STARTS = (
    Start(
        gettext_lazy("Import a file"),
        gettext_lazy("Customers, products or orders from a CSV file."),
        "upload_file",
        ImportJob,
        "admin:customers_importjob_add",
    ),
    Start(
        gettext_lazy("Build a segment"),
        gettext_lazy("Say whom you mean, and see at once how many they are."),
        "filter_alt",
        Segment,
        "admin:segments_segment_add",
    ),
    Start(
        gettext_lazy("Plan a campaign"),
        gettext_lazy("An offer and a message to a segment, with a control group."),
        "campaign",
        Campaign,
        "admin:campaigns_campaign_add",
    ),
    Start(
        gettext_lazy("Issue an apology voucher"),
        gettext_lazy("Find the customer first; the voucher is on their page."),
        "volunteer_activism",
        Apology,
        "admin:customers_customer_changelist",
    ),
    Start(
        gettext_lazy("Block an address"),
        gettext_lazy("Nothing is sent to it any more, whatever was allowed."),
        "block",
        Suppression,
        "admin:consent_suppression_add",
    ),
    Start(
        gettext_lazy("Answer what people ask"),
        gettext_lazy("Access, correction, erasure: what waits, by the deadline of the law."),
        "contact_support",
        SubjectRequest,
        "admin:consent_subjectrequest_changelist",
    ),
    Start(
        gettext_lazy("Add a colleague"),
        gettext_lazy("A name, a password and a role."),
        "person_add",
        User,
        "admin:common_user_add",
    ),
    Start(
        gettext_lazy("Connect a program"),
        gettext_lazy("A key for the checkout or the shop's site."),
        "key",
        ApiKey,
        "admin:common_apikey_add",
    ),
)


def show(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the dashboard; Unfold calls this for ``admin:index``."""
    at = now()
    context["figures"] = [
        _card(figure, at) for figure in FIGURES if may_view(request.user, figure.model)
    ]
    if may_view(request.user, ConsumerPosition):
        context["states"] = [_state(state, at) for state in system_states()]
    context["starts"] = [
        start
        for start in STARTS
        if may_add(request.user, start.model) and may_view(request.user, start.model)
    ]
    if may_view(request.user, Order):
        weeks = _remembered("weeks", lambda: sales_by_week(at=at, weeks=WEEKS))
        context["by_week"] = _sales(weeks)
        context["sees_sales"] = True
    return context


def _card(figure: Figure, at: datetime) -> dict[str, str]:
    meta = figure.model._meta
    link = reverse(figure.url_name or f"admin:{meta.app_label}_{meta.model_name}_changelist")
    value = _remembered(figure.code, lambda: figure.value(at))
    return {
        "label": str(figure.label),
        "value": figure.show(value),
        "link": link + figure.query,
    }


def _state(state: SystemState, at: datetime) -> dict[str, Any]:
    return {
        "label": str(state.label),
        "troubles": _remembered(f"state:{state.code}", lambda: state.troubles(at)),
        "link": reverse(state.url_name) if state.url_name else "",
    }


def _remembered(code: str, count: Callable[[], Any]) -> Any:
    """Count at most once a minute, however many people look."""
    return cache.get_or_set(f"dashboard:{code}", count, SECONDS_A_FIGURE_MAY_BE_OLD)


def _sales(weeks: list[Sales]) -> dict[str, Any] | None:
    return by_week(
        [week.since for week in weeks],
        [
            Series(_("Orders"), [week.orders for week in weeks]),
            Series(_("Revenue"), [week.revenue for week in weeks], STRONG, money),
        ],
    )
