"""Where mail goes, from one address."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import environ


def email_settings(url: str) -> dict[str, Any]:
    """Return Django's mail settings for ``EMAIL_URL``.

    ``smtp+tls://user:password@host:587`` and its kin are SMTP servers. A mail service is named as
    ``anymail://postmark?server_token=…``: what stands after the question mark are the settings
    that Anymail lists for the service, without the service's name.
    """
    parts = urlsplit(url)
    if parts.scheme != "anymail":
        return dict(environ.Env.email_url_config(url))
    service = parts.netloc
    return {
        "EMAIL_BACKEND": f"anymail.backends.{service}.EmailBackend",
        "ANYMAIL": {f"{service}_{key}".upper(): value for key, value in parse_qsl(parts.query)},
    }
