from django.conf import settings
from django.http import HttpRequest


def network_address(request: HttpRequest) -> str:
    """Return where a request comes from, as the outermost of our own proxies saw it.

    Whoever asks may write anything before that in the header.
    """
    direct = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return direct
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    return told[-min(settings.TRUSTED_PROXIES, len(told))] or direct
