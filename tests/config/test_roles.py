"""Every page of the back office, and who may open it.

A new page needs a row: ``rights`` for the five pages of a model, a line in ``OTHER_PAGES`` for one
of your own. A page about a record of another model than its name says also stands in ``ABOUT``.
"""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, reverse

from common.enums import Role
from common.models import User
from config.navigation import SECTIONS, Page
from consent.models import InboundMessage, NoticeVersion
from customers.models import Customer
from segments.models import Handpick
from tests.config.one_of_each import one_of_each
from tests.factories import make_user

pytestmark = pytest.mark.django_db

M, S, P, A, X = (
    Role.MARKETING,
    Role.SUPPORT_AGENT,
    Role.PRIVACY_OFFICER,
    Role.ANALYST,
    Role.ADMINISTRATOR,
)
ALL = frozenset(Role)
NOBODY: frozenset[Role] = frozenset()

OPEN, CLOSED, SIGN_IN = "open", "closed", "sign in first"


def rights(model, *, view, add=NOBODY, change=NOBODY, delete=NOBODY):
    """Return who may open the five pages that Django makes for a model."""
    return {
        f"{model}_changelist": set(view),
        f"{model}_add": set(add),
        f"{model}_change": set(view) | set(change),
        f"{model}_history": set(view),
        f"{model}_delete": set(delete),
    }


MODEL_PAGES = {
    # customers
    **rights("customers_customer", view=ALL, add={S, X}, change={S, X}),
    **rights("customers_order", view=ALL),
    **rights("customers_product", view=ALL),
    **rights("customers_cart", view=ALL),
    **rights("customers_case", view=ALL, change={S, X}),
    # A privacy officer brings in do-not-call files and no others.
    **rights("customers_importjob", view={M, P, A, X}, add={M, P, X}, change={M, X}),
    **rights("customers_savedmapping", view={M, P, A, X}, change={M, X}, delete={M, X}),
    **rights("customers_surveyanswer", view=ALL),
    **rights("customers_duplicatecandidate", view={S, P, X}),
    **rights("customers_erasurerequest", view={P, X}),
    **rights("customers_merge", view={S, P, X}),
    **rights("customers_declaredkind", view={M, A, X}, add={M, X}, change={M, X}),
    **rights("customers_webhooksubscription", view={P, X}, add={X}, change={X}, delete={X}),
    **rights("customers_webhookdelivery", view={P, X}),
    **rights("customers_consumerposition", view={X}),
    **rights("customers_consumerfault", view={X}),
    **rights("customers_sensitivetopic", view={P, X}, change={P, X}),
    **rights("customers_attributedefinition", view=ALL, add={M, X}, change={M, X}),
    # consent
    **rights("consent_consentevent", view=ALL),
    **rights("consent_inboundmessage", view={S, P, X}),
    **rights("consent_purpose", view=ALL, add={P, X}, change={P, X}),
    **rights("consent_privacysettings", view={P, X}, change={P, X}),
    **rights("consent_retentionrun", view={P, X}),
    **rights("consent_subjectrequest", view={P, X}, change={P, X}),
    "consent_permission_changelist": ALL,
    **rights("consent_notice", view=ALL, add={P, X}, change={P, X}),
    **rights("consent_collectionpoint", view=ALL, add={P, X}, change={P, X}),
    **rights("consent_restriction", view={S, P, X}),
    **rights("consent_suppression", view={P, A, X}, add={P, X}, change={P, X}),
    # segments
    **rights("segments_segment", view=ALL, add={M, X}, change={M, X}, delete={X}),
    # campaigns
    **rights("campaigns_campaign", view={M, A, X}, add={M, X}, change={M, X}, delete={X}),
    **rights("campaigns_template", view={M, A, X}, add={M, X}, change={M, X}, delete={X}),
    **rights("campaigns_offer", view={M, A, X}, add={M, X}, change={M, X}),
    **rights("campaigns_voucher", view={M, S, A, X}),
    **rights("campaigns_redemption", view={M, S, A, X}),
    **rights("campaigns_apology", view={M, S, A, X}),
    **rights("campaigns_message", view=ALL),
    # loyalty
    **rights("loyalty_member", view={M, S, A, X}),
    **rights("loyalty_programme", view={M, S, A, X}, change={M, X}),
    **rights("loyalty_transaction", view={M, S, A, X}),
    # the program itself
    **rights("common_user", view={X}, add={X}, change={X}, delete={X}),
    **rights("common_apikey", view={X}, add={X}, change={X}),
    **rights("common_auditentry", view={P, X}),
    **rights("common_lockout", view={X}),
    **rights("common_export", view={P, X}),
    **rights("auth_group", view={X}, add={X}, change={X}, delete={X}),
    **{
        page: roles
        for model in (
            "periodictask",
            "clockedschedule",
            "crontabschedule",
            "intervalschedule",
            "solarschedule",
        )
        for page, roles in rights(
            f"django_celery_beat_{model}", view={X}, add={X}, change={X}, delete={X}
        ).items()
    },
}

OTHER_PAGES = {
    "index": ALL,
    "app_list": ALL,
    "search": ALL,
    "privacy": {P, X},
    "reach": ALL,
    "jsi18n": ALL,
    "password_change": ALL,
    "second_factor": ALL,
    "sign_in_code": ALL,
    "password_change_done": ALL,
    # Answers only to the fields of a form, which name themselves.
    "autocomplete": NOBODY,
    "auth_user_password_change": {X},
    "customers_customer_profile": ALL,
    "customers_customer_timeline": ALL,
    "customers_customer_looked_at": {P, X},
    "customers_customer_erase": {P, X},
    "customers_catalogue": ALL,
    "customers_customer_note": {M, S, X},
    "customers_customer_take": {M, P, A, X},
    "customers_customer_tag": {M, S, X},
    "customers_case_open": {S, X},
    "customers_merge_with": {S, P, X},
    "customers_merge_undo": {S, P, X},
    "customers_duplicatecandidate_find": {S, P, X},
    "customers_duplicatecandidate_dismiss": {S, P, X},
    "customers_webhooksubscription_act": {X},
    "customers_webhookdelivery_replay": {X},
    "customers_order_return": {S, X},
    "customers_order_cancel": {S, X},
    "customers_importjob_progress": {M, P, A, X},
    "customers_importjob_rejected": {M, X},
    "customers_importjob_undo": {M, X},
    "customers_importjob_example": {M, X},
    "customers_importjob_left": {M, X},
    "consent_notice_publish": {P, X},
    "consent_choice": {S, X},
    "consent_link": {S, X},
    "consent_inbound_read": {S, P, X},
    "consent_ask": {S, P, X},
    "consent_restrict": {S, P, X},
    "consent_restriction_lift": {S, P, X},
    "consent_suppression_lift": {P, X},
    "consent_then": ALL,
    "consent_proof": {P, X},
    "consent_retentionrun_tonight": {P, X},
    "segments_segment_check": {M, X},
    "segments_segment_look": {M, X},
    "segments_segment_total": {M, X},
    "segments_segment_rule_reach": {M, X},
    "segments_segment_values": {M, X},
    "segments_segment_overview": ALL,
    "segments_segment_panel": ALL,
    "segments_segment_reach": ALL,
    "segments_segment_audience": {M, X},
    "segments_segment_explain": ALL,
    "segments_segment_why": ALL,
    "segments_segment_refresh": {M, X},
    "segments_segment_export_members": {M, P, A, X},
    "segments_segment_archive": {M, X},
    "segments_segment_by_hand": {M, X},
    "segments_segment_add_list": {M, X},
    "segments_segment_edit_list": {M, X},
    "segments_segment_keep": {M, X},
    "segments_segment_then": ALL,
    "segments_segment_export_then": {M, P, A, X},
    "segments_segment_of_customer": {M, X},
    "segments_handpick_take_back": {M, X},
    "campaigns_offer_sentence": {M, A, X},
    "campaigns_template_preview": {M, A, X},
    "campaigns_campaign_launch": {M, X},
    "campaigns_campaign_act": {M, X},
    "campaigns_campaign_progress": {M, A, X},
    "campaigns_message_send_again": {M, X},
    "campaigns_message_why": {M, S, P, A, X},
    "campaigns_voucher_check": {M, S, A, X},
    "campaigns_voucher_code": {S, X},
    "campaigns_voucher_void": {M, X},
    "campaigns_redemption_roll_back": {S, X},
    "campaigns_apology_issue": {S, X},
    "campaigns_apology_decide": {M, X},
    "loyalty_member_adjust": {M, X},
}
# Whoever sees a list may take it away, agents apart: they look people up one by one.
EXPORT_PAGES = {
    f"{model}_export": MODEL_PAGES[f"{model}_changelist"] - {S}
    for model in (
        *("customers_customer", "customers_order", "customers_product", "customers_cart"),
        *("customers_case", "customers_surveyanswer", "customers_importjob"),
        *("consent_consentevent", "consent_suppression", "segments_segment"),
        *("campaigns_campaign", "campaigns_template", "campaigns_offer", "campaigns_voucher"),
        *("campaigns_redemption", "campaigns_apology", "campaigns_message"),
        *("loyalty_member", "loyalty_transaction", "common_auditentry", "common_export"),
    )
}
PAGES = MODEL_PAGES | EXPORT_PAGES | OTHER_PAGES

# Open to the world, or no page: the door itself, and a redirect that we do not use.
NO_PAGES = {"login", "logout", "view_on_site"}

ABOUT = {
    "consent_notice_publish": NoticeVersion,
    "auth_user_password_change": User,
    "customers_case_open": Customer,
    "customers_merge_with": Customer,
    "consent_choice": Customer,
    "consent_link": Customer,
    "consent_inbound_read": InboundMessage,
    "consent_ask": Customer,
    "consent_restrict": Customer,
    "consent_restriction_lift": Customer,
    "consent_then": Customer,
    "consent_proof": Customer,
    "campaigns_apology_issue": Customer,
    "segments_segment_of_customer": Customer,
    "segments_handpick_take_back": Handpick,
    "loyalty_member_adjust": Customer,
}


def test_every_page_has_its_row():
    assert sorted(set(named_pages()) - NO_PAGES - PAGES.keys()) == []


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name.lower())
def test_a_role_opens_its_pages_and_no_others(client, role):
    client.force_login(make_user(role=role))
    client.raise_request_exception = False

    found = {page: outcome(client.get(url)) for page, url in every_page().items()}

    assert found == {page: OPEN if role in PAGES[page] else CLOSED for page in found}


def test_nobody_opens_a_page_without_signing_in(client):
    found = {page: outcome(client.get(url)) for page, url in every_page().items()}

    assert set(found.values()) == {SIGN_IN}


def test_nobody_signs_in_who_does_not_work_here(client):
    client.force_login(make_user(is_staff=False))

    assert outcome(client.get(reverse("admin:index"))) == SIGN_IN


def test_a_closed_page_says_what_to_do(client):
    client.force_login(make_user(role=A))

    page = client.get(reverse("admin:common_user_changelist")).content.decode()

    assert "ask an administrator" in page


def test_the_administrator_has_every_permission_there_is():
    """A new model needs its permissions in a migration of config, like the first."""
    ours = ("common", "customers", "consent", "segments", "campaigns", "loyalty", "auth")
    every = Permission.objects.filter(content_type__app_label__in=(*ours, "django_celery_beat"))

    held = Group.objects.get(name=X).permissions.all()

    assert set(every) - set(held) == set()


def test_only_marketing_and_administrators_approve_apologies():
    may = Group.objects.filter(permissions__codename="approve_apology")

    assert {group.name for group in may} == {M, X}


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name.lower())
def test_the_sidebar_leads_only_where_one_may_go(client, role):
    cache.clear()
    client.force_login(make_user(role=role))

    answer = client.get(reverse("admin:index"))

    links = {
        item["link"]
        for section in answer.context["sidebar_navigation"]
        for item in section["items"]
    }
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_every_page_of_the_sidebar_is_there():
    pages = [page for section in SECTIONS for page in section.pages]
    listed = {page.model for page in pages if isinstance(page, Page)}

    assert {model for model in listed if not admin.site.is_registered(model)} == set()


def outcome(response):
    if response.status_code in (301, 302) and "/login/" in response.headers["Location"]:
        return SIGN_IN
    if response.status_code == 403:
        return CLOSED
    # 405: past the door, where only a form's POST is taken.
    if response.status_code in (200, 302, 405):
        return OPEN
    return response.status_code


def every_page():
    """Return the address of every page, with a record of its model where it wants one."""
    records = one_of_each()
    return {
        name: f"{reverse('admin:index')}{address(name, pattern, records)}"
        for name, pattern in named_pages().items()
        if name not in NO_PAGES
    }


def named_pages():
    return {pattern.name: pattern for pattern in patterns(admin.site.get_urls()) if pattern.name}


def patterns(urls, before=""):
    for url in urls:
        if isinstance(url, URLResolver):
            yield from patterns(url.url_patterns, before + str(url.pattern))
        elif isinstance(url, URLPattern):
            yield url


def address(name, pattern, records):
    wanted = pattern.pattern.regex.groupindex or pattern.pattern.converters
    if not wanted:
        found = reverse(f"admin:{name}")
    elif "app_label" in wanted:
        found = reverse(f"admin:{name}", args=["customers"])
    elif "language" in wanted:
        found = reverse(f"admin:{name}", args=["customers", "en"])
    else:
        about = [Customer if it == "customer_pk" else model_of(name) for it in wanted]
        found = reverse(f"admin:{name}", args=[records[model].pk for model in about])
    return found.removeprefix(reverse("admin:index"))


def model_of(name):
    if name in ABOUT:
        return ABOUT[name]
    fitting = [
        model
        for model in admin.site._registry
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
    ]
    return fitting[0]
