"""The API as a program meets it."""

from rest_framework.test import APIClient

from common.enums import Scope
from tests.factories import make_api_key


def api_client(*scopes: Scope, **headers: str) -> APIClient:
    """Return a client with a new key that has these scopes, all of them if none is named."""
    _, credential = make_api_key(*(scopes or Scope))
    return client_with(credential, **headers)


def client_with(credential: str, **headers: str) -> APIClient:
    """Return a client that sends this credential; an error of ours is an answer, as outside."""
    client = APIClient(raise_request_exception=False)
    client.default_format = "json"
    client.credentials(
        HTTP_AUTHORIZATION=f"Bearer {credential}",
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    )
    return client
