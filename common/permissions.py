from collections.abc import Mapping
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common.enums import Scope
from common.models import ApiKey


class HasScope(BasePermission):
    """Let a key do what its scopes name; a view that names no scope is closed to every key.

    ``required_scope`` is a scope, or a mapping from HTTP method to scope.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiKey):
            return False
        method = request.method or ""
        if not hasattr(view, method.lower()):
            return True  # the view itself answers that it has no such method
        return scope_for(view, method) in request.auth.scopes


def scope_for(view: Any, method: str) -> Scope | None:
    """Return the scope that this method of the view asks for, or None when it names none."""
    required = getattr(view, "required_scope", None)
    if isinstance(required, Mapping):
        return required.get("GET" if method == "HEAD" else method)
    return required
