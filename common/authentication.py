"""Who calls the API: a key, never a session."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, Q, Subquery
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from common.enums import Guessed
from common.models import ApiKey, Lockout
from common.statements import Statement, given

# Writing at every request would make a hot row of a busy key.
LAST_USE_IS_WRITTEN_EVERY = timedelta(minutes=1)

KEY_COLUMNS = [field.attname for field in ApiKey._meta.concrete_fields]
LOCKED_UNTIL = (
    Lockout.objects.filter(api_key=OuterRef("pk"), guessed=Guessed.VOUCHER)
    .order_by("pk")
    .values("locked_until")[:1]
)
USABLE_KEY = Statement(
    lambda: (
        ApiKey.objects.usable(at=given("at", "timestamptz"))
        .filter(prefix=given("prefix", "text"))
        .values_list(*KEY_COLUMNS, Subquery(LOCKED_UNTIL))
    )
)


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer clientela_<prefix>_<secret>``; ``request.auth`` is the key.

    ``request.user`` is nobody: what a key may do stands in its scopes.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        scheme, _, credential = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        at = now()
        key = usable_key(credential.decode("latin-1").strip(), at=at)
        note_use(key, at=at)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def usable_key(credential: str, *, at: datetime) -> ApiKey:
    """Return the key that the credential opens.

    Raises AuthenticationFailed, the same for whatever is wrong.
    """
    match credential.split("_", 2):
        case ["clientela", prefix, secret] if "\0" not in prefix:
            for *row, locked_until in USABLE_KEY.rows(prefix=prefix, at=at):
                key = ApiKey.from_db("default", KEY_COLUMNS, row)
                key.codes_locked_until = locked_until
                if key.opens_with(secret):
                    return key
    raise AuthenticationFailed(_("This API key is not valid."))


def note_use(key: ApiKey, *, at: datetime) -> None:
    """Write down when the key was last used, to the minute."""
    long_ago = at - LAST_USE_IS_WRITTEN_EVERY
    if key.last_used_at and key.last_used_at > long_ago:
        return
    # The condition again: of many requests at once only the first writes.
    stale = Q(last_used_at=None) | Q(last_used_at__lte=long_ago)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=at)


def caller(request: Request) -> ApiKey:
    """Return the key that makes the request, to write down who did it."""
    if not isinstance(request.auth, ApiKey):
        raise NotAuthenticated
    return request.auth


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI description calls it; found by being defined."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "clientela_<prefix>_<secret>"}
