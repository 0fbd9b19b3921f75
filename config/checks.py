"""What would go wrong later, said at the start: each with an id and a hint."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from common import look
from common.email_url import FORGETFUL
from common.keys import NAMES

SHORTEST_KEY = 32
OLDEST_POSTGRES = 170_000

Messages = Iterator[checks.CheckMessage]


@checks.register(checks.Tags.security)
def keys(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[checks.CheckMessage]:
    return list(_keys())


@checks.register(checks.Tags.security)
def production(
    app_configs: Sequence[AppConfig] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    return list(_production()) if settings.PRODUCTION else []


@checks.register()
def shop(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[checks.CheckMessage]:
    return [*_shop(), *_looks()]


@checks.register()
def mail(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[checks.CheckMessage]:
    return list(_mail())


@checks.register()
def queue(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[checks.CheckMessage]:
    return list(_queue())


@checks.register()
def webhooks(
    app_configs: Sequence[AppConfig] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    return list(_webhooks())


@checks.register(checks.Tags.database)
def database(
    app_configs: Sequence[AppConfig] | None = None,
    databases: Sequence[str] | None = None,
    **_: Any,
) -> list[checks.CheckMessage]:
    """Ask the server itself; Django runs this at ``migrate`` and ``check --database``."""
    return [message for alias in databases or () for message in _database(alias)]


def _keys() -> Messages:
    values = {name: _setting(name) for name in NAMES}
    for name, value in values.items():
        if not value:
            yield checks.Error(
                f"{name} is not set.",
                hint="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
                id="clientela.E001",
            )
        elif len(value) < SHORTEST_KEY:
            yield checks.Error(
                f"{name} has fewer than {SHORTEST_KEY} characters.",
                hint="Make a longer one; what the old one signed or sealed needs the old one.",
                id="clientela.E002",
            )
    given = [value for value in values.values() if value]
    if len(set(given)) < len(given):
        yield checks.Error(
            "Two of the keys are the same.",
            hint=f"{', '.join(NAMES)} protect different things: give each its own.",
            id="clientela.E003",
        )


def _production() -> Messages:
    if settings.DEBUG:
        yield checks.Error(
            "DEBUG is on in production.",
            hint="Error pages would show settings and customers' data: unset DEBUG.",
            id="clientela.E004",
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield checks.Error(
            "ALLOWED_HOSTS does not name the hosts of this installation.",
            hint="Set ALLOWED_HOSTS=crm.example.com",
            id="clientela.E005",
        )
    if not settings.PUBLIC_URL.startswith("https://"):
        yield checks.Error(
            "PUBLIC_URL is not an https address.",
            hint="Links in messages point to it. Set PUBLIC_URL=https://crm.example.com",
            id="clientela.E006",
        )
    if not settings.EMAIL_URL:
        yield checks.Warning(
            "EMAIL_URL is not set: messages stay in the local mail catcher.",
            hint="Set EMAIL_URL=smtp+tls://user:password@mail.example.com:587",
            id="clientela.W001",
        )


def _shop() -> Messages:
    if settings.SHOP_TIME_ZONE not in available_timezones():
        yield checks.Error(
            f"SHOP_TIME_ZONE is no time zone: {settings.SHOP_TIME_ZONE!r}.",
            hint="Give a name of the IANA database, such as America/Sao_Paulo.",
            id="clientela.E007",
        )
    if not re.fullmatch("[A-Z]{3}", settings.CURRENCY):
        yield checks.Error(
            f"CURRENCY is no currency code: {settings.CURRENCY!r}.",
            hint="Give the three letters of ISO 4217, such as BRL.",
            id="clientela.E008",
        )
    if settings.SHOP_COUNTRY not in phonenumbers.SUPPORTED_REGIONS:
        yield checks.Error(
            f"SHOP_COUNTRY is no country code: {settings.SHOP_COUNTRY!r}.",
            hint="Give the two letters of ISO 3166, such as BR: phone numbers are read by it.",
            id="clientela.E009",
        )


def _looks() -> Messages:
    for name, paper, better in (
        ("SHOP_COLOR", look.PAPER, "darker"),
        ("SHOP_COLOR_DARK", look.DARK_PAPER, "lighter"),
    ):
        colour = getattr(settings, name)
        if not look.is_colour(colour):
            yield checks.Error(
                f"{name} is no colour: {colour!r}.",
                hint="Write it as #0f766e.",
                id="clientela.E020",
            )
        elif look.contrast(colour, paper) < look.ENOUGH:
            yield checks.Warning(
                f"{name} is hard to read: its contrast with {paper} is below {look.ENOUGH} to 1.",
                hint=f"Choose a {better} colour (WCAG 2.2, 1.4.3).",
                id="clientela.W003",
            )
    logo = Path(settings.SHOP_LOGO)
    if settings.SHOP_LOGO and not (logo.is_file() and logo.suffix.lower() in look.LOGO_TYPES):
        yield checks.Error(
            "SHOP_LOGO is no picture that can be read.",
            hint=f"Give the path of a file that ends in {', '.join(look.LOGO_TYPES)}.",
            id="clientela.E021",
        )


def _mail() -> Messages:
    secret = settings.ANYMAIL_WEBHOOK_SECRET
    if secret and not all(secret.partition(":")):
        yield checks.Error(
            "ANYMAIL_WEBHOOK_SECRET is not of the form name:password.",
            hint="The mail service signs in with both.",
            id="clientela.E022",
        )
    if secret and settings.MAIL_SERVICE in {"", *FORGETFUL}:
        yield checks.Error(
            "ANYMAIL_WEBHOOK_SECRET is set, but EMAIL_URL names no service that tells of mail.",
            hint="Set EMAIL_URL=anymail://postmark?server_token=…, or unset the secret.",
            id="clientela.E023",
        )


def _queue() -> Messages:
    visible_again = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout")
    if visible_again is not None and visible_again <= settings.CELERY_TASK_TIME_LIMIT:
        yield checks.Error(
            "The broker hands a task out again while it may still run.",
            hint="visibility_timeout must stand above CELERY_TASK_TIME_LIMIT.",
            id="clientela.E010",
        )


def _webhooks() -> Messages:
    for text in settings.WEBHOOK_INNER_NETWORKS:
        try:
            ip_network(text)
        except ValueError:
            yield checks.Error(
                f"WEBHOOK_INNER_NETWORKS names no network: {text!r}.",
                hint="Write networks as 10.20.0.0/16, with commas between them.",
                id="clientela.E014",
            )
    if settings.PRODUCTION and settings.WEBHOOK_ALLOW_HTTP:
        yield checks.Warning(
            "WEBHOOK_ALLOW_HTTP lets what customers did travel unprotected.",
            hint="Unset it, unless every receiver stands in your own network.",
            id="clientela.W002",
        )


def _database(alias: str) -> Messages:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        yield checks.Error(
            "The database is not PostgreSQL.",
            hint="Set DATABASE_URL=postgres://…, or unset it to use the embedded server.",
            id="clientela.E011",
        )
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_available_extensions")
        available = {name for (name,) in cursor.fetchall()}
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0])
    if version < OLDEST_POSTGRES:
        yield checks.Error(
            f"PostgreSQL {version // 10_000} is too old.",
            hint="Use PostgreSQL 17 or newer.",
            id="clientela.E012",
        )
    for extension in sorted({"pg_trgm", "unaccent"} - available):
        yield checks.Error(
            f"PostgreSQL has no extension {extension}.",
            hint="Install PostgreSQL's contrib package on the server.",
            id="clientela.E013",
        )


def _setting(name: str) -> str:
    # Django refuses to read an empty SECRET_KEY.
    try:
        return getattr(settings, name)
    except ImproperlyConfigured:
        return ""
