"""What this app shows on a customer's page."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, F, OuterRef, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from consent.enums import Channel, Occasion, TopicKind
from consent.models import (
    ConsentEvent,
    MutedTopic,
    Permission,
    PrivacySettings,
    Purpose,
    Restriction,
    Wish,
)
from consent.queries.fold import ANSWERS
from consent.queries.standings import answer_of, standings
from consent.rules.ages import Age, age_of
from consent.rules.wishes import frequency_in_words
from customers.enums import ProfileTab
from customers.models import Product
from customers.queries.gathering import Rows
from customers.rules import Headline, Panel, Profile, ProfileAction

MARKETING = "marketing"


def _choices(at: datetime) -> dict[str, Rows]:
    events = ConsentEvent.objects.filter(customer=OuterRef("pk")).order_by("-id")
    shown = (
        *("id", "occurred_at", "channel", "category", "act", "actor__id"),
        *("purpose__code", "purpose__name_en", "purpose__name_pt", "actor__username"),
        *(f"collection_point__{field}" for field in ("code", "name_en", "name_pt")),
    )
    return {
        "purposes": Rows(
            Purpose.objects.order_by("code"),
            ("code", "name_en", "name_pt", "basis", "needs_opt_in"),
        ),
        "permissions": Rows(
            Permission.objects.filter(customer=OuterRef("pk")), ("id", "purpose_id", *ANSWERS)
        ),
        "choices": Rows(events[:10], shown),
        "restrictions": Rows(
            Restriction.objects.standing(at=at).filter(customer=OuterRef("pk")).order_by("id"),
            ("id", "reason", "since", "until"),
        ),
    }


def _permissions(profile: Profile) -> dict[str, Any]:
    found = standings(profile.rows["purposes"], profile.rows["permissions"])
    return {
        "standings": [
            (standing, _answered(standing.channels), _answered(standing.categories))
            for standing in found
        ],
        "history": profile.rows["choices"],
        "restrictions": profile.rows["restrictions"],
    }


def _wish_rows(at: datetime) -> dict[str, Rows]:
    muted = MutedTopic.objects.filter(customer=OuterRef("pk")).order_by("kind", "value")
    products = Product.objects.filter(sku=OuterRef("value"))
    named = Case(
        When(kind=TopicKind.PRODUCT, then=Subquery(products.values("name")[:1])),
        default=F("value"),
    )
    return {
        "wish": Rows(
            Wish.objects.filter(customer=OuterRef("pk")),
            ("id", "paused_until", "at_most_every_days"),
        ),
        "muted": Rows(
            muted.annotate(named=Coalesce(named, "value"))[:20], ("id", "kind", "value", "named")
        ),
    }


def _wishes(profile: Profile) -> dict[str, Any]:
    wish = next(iter(profile.rows["wish"]), Wish())
    until = wish.paused_until
    return {
        "frequency": frequency_in_words(wish.at_most_every_days),
        "paused_until": until if until and until > profile.at else None,
        "muted": [
            Occasion(row.value).label if row.kind == TopicKind.OCCASION else row.named
            for row in profile.rows["muted"]
        ],
    }


def _permission_rows(at: datetime) -> dict[str, Rows]:
    return {"permissions": _choices(at)["permissions"]}


def _reachable(profile: Profile) -> str:
    """Say on which channels advertising may go to them."""
    given = [row for row in profile.rows["permissions"] if row.purpose_id == MARKETING]
    answers = {channel: answer_of(row, channel) for row in given for channel in Channel}
    if not any(answers.values()):
        return str(_("Refused") if False in answers.values() else _("Never asked"))
    return ", ".join(str(channel.label) for channel, answer in answers.items() if answer)


def _settings_rows(at: datetime) -> dict[str, Rows]:
    return {
        "privacy_settings": Rows(
            PrivacySettings.objects.all(), ("id", "age_of_consent", "unknown_age_is_minor")
        )
    }


def _who_decides(profile: Profile) -> str:
    """Say so when it is not the customer who decides what is allowed."""
    chosen = next(iter(profile.rows["privacy_settings"]), PrivacySettings())
    today = profile.at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)).date()
    born = profile.customer.birth_date
    age = age_of(born, on=today, age_of_consent=chosen.age_of_consent)
    if age == Age.UNDER_AGE:
        return str(_("Under age: a parent or guardian decides"))
    if age == Age.UNKNOWN and chosen.unknown_age_is_minor:
        return str(_("Unknown, counts as under age"))
    return ""


def _answered(answers: list[tuple[Any, bool | None]]) -> list[tuple[Any, bool | None]]:
    return [(scope, answer) for scope, answer in answers if answer is not None]


PANELS = [
    Panel(
        code="permissions",
        title=_("Permissions"),
        template="consent/permissions_panel.html",
        context=_permissions,
        rows=_choices,
        order=30,
        permission="consent.view_permission",
        tab=ProfileTab.PERMISSIONS,
    ),
    Panel(
        code="wishes",
        title=_("Wishes about messages"),
        template="consent/wishes_panel.html",
        context=_wishes,
        rows=_wish_rows,
        order=35,
        permission="consent.view_permission",
        tab=ProfileTab.PERMISSIONS,
    ),
]

HEADLINES = [
    Headline(
        code="age",
        label=_("Age"),
        value=_who_decides,
        order=55,
        rows=_settings_rows,
    ),
    Headline(
        code="reachable",
        label=_("Advertising by"),
        value=_reachable,
        order=60,
        permission="consent.view_permission",
        rows=_permission_rows,
    ),
]

PROFILE_ACTIONS = [
    ProfileAction(
        code="record_consent",
        label=_("Record consent"),
        url_name="admin:consent_choice",
        icon="verified_user",
        order=30,
        permission="consent.add_consentevent",
    ),
    ProfileAction(
        code="restrict",
        label=_("Stop the use of data"),
        url_name="admin:consent_restrict",
        icon="lock",
        order=80,
        permission="consent.add_restriction",
        is_rare=True,
    ),
    ProfileAction(
        code="preference_link",
        label=_("Link to the preference centre"),
        url_name="admin:consent_link",
        icon="link",
        order=85,
        permission="consent.add_consentevent",
        is_rare=True,
    ),
    ProfileAction(
        code="take_down_request",
        label=_("Take down a request"),
        url_name="admin:consent_ask",
        icon="contact_support",
        order=86,
        permission="consent.add_subjectrequest",
        is_rare=True,
    ),
]
