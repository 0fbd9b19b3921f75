"""Where mail goes, from one address."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import environ

# Anymail sends through them, but they give nothing back of what we gave along with a message.
FORGETFUL = frozenset({"mailersend", "postal", "scaleway"})


def mail_service(url: str) -> str:
    """Return the mail service that ``EMAIL_URL`` names, or nothing for SMTP."""
    parts = urlsplit(url)
    return parts.netloc if parts.scheme == "anymail" else ""


def email_settings(url: str) -> dict[str, Any]:
    """Return Django's mail settings for ``EMAIL_URL``.

    ``smtp+tls://user:password@host:587`` and its kin are SMTP servers. A mail service is named as
    ``anymail://postmark?server_token=…``: what stands after the question mark are the settings
    that Anymail lists for the service, without the service's name.
    """
    service = mail_service(url)
    if not service:
        return dict(environ.Env.email_url_config(url))
    parts = urlsplit(url)
    return {
        "EMAIL_BACKEND": f"anymail.backends.{service}.EmailBackend",
        "ANYMAIL": {f"{service}_{key}".upper(): value for key, value in parse_qsl(parts.query)},
    }
