"""Views for what comes by the thousand: no serializers, and the same rules as everywhere.

Who calls, what the key may do and how often is asked of the very classes that REST framework
asks, and a refusal has the same shape.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import (
    APIException,
    MethodNotAllowed,
    NotAuthenticated,
    PermissionDenied,
    Throttled,
    UnsupportedMediaType,
)

from common.authentication import ApiKeyAuthentication
from common.enums import Scope
from common.exceptions import refuse
from common.models import ApiKey
from common.permissions import HasScope
from common.throttling import ApiKeyThrottle


class HotView(ABC):
    """A POST of JSON. ``description`` is its operation in the OpenAPI description."""

    required_scope: ClassVar[Scope]
    description: ClassVar[dict[str, Any]]

    @abstractmethod
    def post(self, body: bytes, key: ApiKey) -> HttpResponse:
        """Answer what an admitted program tells; raises as views of REST framework do."""

    @classmethod
    def as_view(cls) -> Callable[[HttpRequest], HttpResponse]:
        view: Any = csrf_exempt(cls().answer)
        view.cls = cls
        return view

    def answer(self, request: HttpRequest) -> HttpResponse:
        try:
            key = admitted(request, self)
            if request.content_type != "application/json":
                raise UnsupportedMediaType(request.content_type or "")
            return self.post(request.body, key)
        except Exception as exc:
            refused = refuse(exc, None)
            if refused is None:
                raise
            answer = JsonResponse(refused.data, status=refused.status_code)
            for name in ("WWW-Authenticate", "Retry-After"):
                if name in refused.headers:
                    answer[name] = refused.headers[name]
            return answer


def admitted(request: Any, view: HotView) -> ApiKey:
    """Return the key that may make this request; raise what REST framework raises."""
    authentication = ApiKeyAuthentication()
    try:
        found = authentication.authenticate(request)
        if found is None:
            raise NotAuthenticated
    except APIException as refused:
        refused.auth_header = authentication.authenticate_header(request)  # type: ignore[attr-defined]
        raise
    _, request.auth = found
    if request.method != "POST":
        raise MethodNotAllowed(request.method)
    if not HasScope().has_permission(request, view):
        raise PermissionDenied
    throttle = ApiKeyThrottle()
    if not throttle.allow_request(request, view):
        raise Throttled(throttle.wait())
    return request.auth
