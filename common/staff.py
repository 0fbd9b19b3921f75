from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from common.models import User


def signed_in(request: HttpRequest) -> User:
    """Return who is signed in; raise PermissionDenied when nobody is."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
