from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from common.models import User


def signed_in(request: HttpRequest) -> User:
    """Return who is signed in; raise PermissionDenied when nobody is."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def typed(request: HttpRequest, *, longest: int = 100) -> str:
    """Return what somebody typed to search for, without what no text in the database contains."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:longest]
