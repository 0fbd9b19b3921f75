"""Every refusal of the API in one shape: ``{"code", "message", "field"}``.

``code`` is for programs, ``message`` for people in their language, ``field`` names what is wrong
(``lines.0.sku``) or is empty. ``details`` holds facts of a refusal; ``errors`` lists all of
several that are wrong.
"""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import ResolverMatch
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.response import Response

from common.errors import DomainError
from common.models import FIELD_LENGTH, User
from common.operations import audit

Refusal = dict[str, Any]


class Running(APIException):
    """The same request is being worked on."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("The same request is still running. Ask again in a second.")
    default_code = "still_running"
    wait = 1


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The request is too large.")
    default_code = "too_large"


def refuse(exc: Exception, context: object) -> Response | None:
    """Say no to a program; None for what nobody foresaw, which ``server_error`` answers."""
    match exc:
        case DomainError():
            return Response(domain_refusal(exc), status=exc.status)
        case Http404():
            exc = exceptions.NotFound()  # Django's sentence names the model
        case RequestDataTooBig():
            exc = TooLarge()
        case PermissionDenied():
            exc = exceptions.PermissionDenied()
    if isinstance(exc, exceptions.ValidationError):
        return Response(invalid(exc), status=status.HTTP_422_UNPROCESSABLE_ENTITY)
    if isinstance(exc, APIException):
        body = refusal(*next(wrongs(exc.detail)))
        return Response(body, status=exc.status_code, headers=headers(exc))
    return None


def refusal(code: str, message: object, field: str = "") -> Refusal:
    return {"code": code, "message": str(message), "field": field}


def domain_refusal(exc: DomainError) -> Refusal:
    body = refusal(exc.code, exc.message, exc.field)
    return body | {"details": exc.details} if exc.details else body


def invalid(exc: exceptions.ValidationError) -> Refusal:
    errors = [refusal(*wrong) for wrong in wrongs(exc.detail)]
    return errors[0] | {"errors": errors} if len(errors) > 1 else errors[0]


def each_wrong(exc: DomainError | APIException, inside: str) -> list[Refusal]:
    """Return all that is wrong with one item of a batch, each field named within it."""
    if isinstance(exc, DomainError):
        found = [domain_refusal(exc)]
    else:
        found = [refusal(*wrong) for wrong in wrongs(exc.detail)]
    return [
        {**wrong, "field": path(inside, wrong["field"]) if wrong["field"] else inside}
        for wrong in found
    ]


def wrongs(detail: Any, field: str = "") -> Iterator[tuple[str, ErrorDetail, str]]:
    """Unfold what Django REST framework nests: one code, sentence and field for each wrong."""
    match detail:
        case dict():
            for name, inner in detail.items():
                yield from wrongs(inner, path(field, name))
        case list():
            for number, inner in enumerate(detail):
                # Sentences stand beside each other; anything else is an item of a list field.
                beside = isinstance(inner, str)
                yield from wrongs(inner, field if beside else path(field, number))
        case _:
            yield detail.code, detail, field


def path(field: str, name: object) -> str:
    if name == "non_field_errors":
        return field
    return f"{field}.{name}" if field else str(name)


def headers(exc: APIException) -> dict[str, str]:
    found = {}
    if scheme := getattr(exc, "auth_header", None):
        found["WWW-Authenticate"] = scheme
    if wait := getattr(exc, "wait", None):
        found["Retry-After"] = str(math.ceil(wait))
    return found


# Outside Django REST framework: addresses that nobody serves, and errors that nobody foresaw.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_programs(request):
        return defaults.bad_request(request, exception)
    return JsonResponse(refusal("bad_request", _("This is not a valid request.")), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say no to a person; what they were refused in the back office is written down."""
    if isinstance(request.user, User) and request.resolver_match:
        audit_refusal(request.user, request.resolver_match, at=now())
    return defaults.permission_denied(request, exception)


def audit_refusal(user: User, page: ResolverMatch, *, at: datetime) -> None:
    """Write down which page it was, and which record by its number where there is one."""
    name = page.url_name or ""
    about = (model for model in apps.get_models() if name.startswith(_pages_of(model)))
    model = next(about, User)
    record = str(page.kwargs.get("object_id", page.kwargs.get("pk", "")))
    subject = model(pk=int(record)) if record.isdecimal() else model
    audit("refused", subject, at=at, by=user, fields=[name[:FIELD_LENGTH]])


def _pages_of(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}_"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_programs(request):
        return defaults.page_not_found(request, exception)
    return JsonResponse(refusal("not_found", exceptions.NotFound.default_detail), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if not is_for_programs(request):
        return defaults.server_error(request)
    message = _("Something went wrong on our side. It is in our log; please try again.")
    return JsonResponse(refusal("error", message), status=500)


def is_for_programs(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
