"""The sidebar: every page of the back office, shown to those who may open it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.core.cache import cache
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_celery_beat.models import PeriodicTask

from campaigns.models import Apology, Campaign, Offer, Redemption, Template, Voucher
from campaigns.queries.figures import waiting_apologies
from common.models import ApiKey, AuditEntry, Export, Lockout, User
from consent.models import (
    CollectionPoint,
    ConsentEvent,
    InboundMessage,
    Notice,
    PrivacySettings,
    Purpose,
    Restriction,
    RetentionRun,
    SubjectRequest,
    Suppression,
)
from customers.models import (
    AttributeDefinition,
    Case,
    ConsumerFault,
    ConsumerPosition,
    Customer,
    DeclaredKind,
    DuplicateCandidate,
    ErasureRequest,
    ImportJob,
    Merge,
    Order,
    Product,
    SensitiveTopic,
    SurveyAnswer,
    WebhookDelivery,
    WebhookSubscription,
)
from loyalty.models import Member, Programme, Transaction
from segments.models import Segment

SECONDS_A_BADGE_MAY_BE_OLD = 30

Person = User | AnonymousUser


@dataclass(frozen=True)
class Page:
    """The list of one model, named as the model is."""

    model: type[Model]
    icon: str

    @property
    def title(self) -> str:
        return capfirst(str(self.model._meta.verbose_name_plural))

    @property
    def link(self) -> str:
        meta = self.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")

    def is_open_to(self, user: Person) -> bool:
        return may_view(user, self.model)


@dataclass(frozen=True)
class OwnPage:
    """A page that is no model's list."""

    title: str | Promise
    icon: str
    url_name: str
    permission: str

    @property
    def link(self) -> str:
        return reverse(self.url_name)

    def is_open_to(self, user: Person) -> bool:
        return user.has_perm(self.permission)


@dataclass(frozen=True)
class Section:
    title: str | Promise
    pages: tuple[Page | OwnPage, ...]


SECTIONS = (
    Section(
        gettext_lazy("Customers"),
        (
            Page(Customer, "group"),
            Page(Order, "shopping_cart"),
            Page(Product, "inventory_2"),
            Page(Case, "support_agent"),
            Page(SurveyAnswer, "sentiment_satisfied"),
            Page(DuplicateCandidate, "group_remove"),
            Page(Merge, "merge"),
            Page(ImportJob, "upload_file"),
            Page(DeclaredKind, "sensors"),
            Page(AttributeDefinition, "label"),
        ),
    ),
    Section(gettext_lazy("Segments"), (Page(Segment, "filter_alt"),)),
    Section(
        gettext_lazy("Campaigns"),
        (
            Page(Campaign, "campaign"),
            Page(Template, "mail"),
            Page(Offer, "sell"),
            Page(Voucher, "confirmation_number"),
            Page(Redemption, "receipt_long"),
            Page(Apology, "volunteer_activism"),
        ),
    ),
    Section(
        gettext_lazy("Loyalty"),
        (
            Page(Member, "loyalty"),
            Page(Programme, "military_tech"),
            Page(Transaction, "swap_vert"),
        ),
    ),
    Section(
        gettext_lazy("Privacy"),
        (
            OwnPage(
                gettext_lazy("Privacy at a glance"),
                "shield_lock",
                "admin:privacy",
                "common.view_auditentry",
            ),
            Page(SubjectRequest, "contact_support"),
            Page(ErasureRequest, "person_remove"),
            Page(ConsentEvent, "verified_user"),
            OwnPage(
                gettext_lazy("Ending soon"),
                "event_busy",
                "admin:consent_permission_changelist",
                "consent.view_permission",
            ),
            Page(Purpose, "flag"),
            Page(Notice, "article"),
            Page(CollectionPoint, "storefront"),
            Page(Suppression, "block"),
            Page(InboundMessage, "sms"),
            Page(Restriction, "lock"),
            Page(AuditEntry, "policy"),
            Page(Export, "download"),
            Page(SensitiveTopic, "visibility_lock"),
            Page(RetentionRun, "auto_delete"),
            Page(PrivacySettings, "tune"),
            OwnPage(
                gettext_lazy("What we hold"),
                "inventory",
                "admin:customers_catalogue",
                "customers.view_customer",
            ),
        ),
    ),
    Section(
        pgettext_lazy("part of the back office", "System"),
        (
            Page(User, "person"),
            Page(Group, "shield_person"),
            Page(Lockout, "lock_clock"),
            Page(ApiKey, "key"),
            Page(WebhookSubscription, "webhook"),
            Page(WebhookDelivery, "outbox"),
            Page(PeriodicTask, "schedule"),
            Page(ConsumerPosition, "monitor_heart"),
            Page(ConsumerFault, "running_with_errors"),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return Unfold's navigation for whoever is signed in."""
    dashboard: dict[str, Any] = {
        "title": _("Dashboard"),
        "icon": "dashboard",
        "link": reverse("admin:index"),
    }
    sections: list[dict[str, Any]] = [
        {"title": _("Overview"), "items": [dashboard, *_mail(request)]}
    ]
    for section in SECTIONS:
        items = [_item(page) for page in section.pages if page.is_open_to(request.user)]
        sections.append({"title": section.title, "separator": True, "items": items})
    return sections


def pages_open_to(user: Person) -> Iterator[tuple[Section, Page | OwnPage]]:
    for section in SECTIONS:
        for page in section.pages:
            if page.is_open_to(user):
                yield section, page


def may_view(user: Person, model: type[Model]) -> bool:
    return _may("view", user, model)


def may_add(user: Person, model: type[Model]) -> bool:
    return _may("add", user, model)


def _may(verb: str, user: Person, model: type[Model]) -> bool:
    return user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}")


def environment(request: HttpRequest) -> list[str] | None:
    """Return the label at the top right: nobody takes a trial for the shop."""
    return None if settings.PRODUCTION else [_("Trial"), "warning"]


def _item(page: Page | OwnPage) -> dict[str, Any]:
    item: dict[str, Any] = {"title": page.title, "icon": page.icon, "link": page.link}
    if isinstance(page, Page) and page.model is Apology and (waiting := _waiting()):
        item |= {"badge": waiting, "badge_variant": "warning", "badge_style": "solid"}
    return item


def _mail(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the link to the local mail catcher, while it stands in for a mail server."""
    if settings.EMAIL_URL or not may_view(request.user, Campaign):
        return []
    return [{"title": _("Caught mail"), "icon": "inbox", "link": reverse("mail")}]


def _waiting() -> int:
    return (
        cache.get_or_set("waiting_apologies", waiting_apologies, SECONDS_A_BADGE_MAY_BE_OLD) or 0
    )
