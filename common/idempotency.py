"""Asked twice, done once: one piece for every POST that moves value.

The first request writes down its ``Idempotency-Key`` in the transaction of the effect, so that
either both are there or neither is; whoever repeats it within 72 hours gets the stored answer.
What a view raises is not stored, since nothing happened: it may be tried again.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import connection, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from common.authentication import caller
from common.enums import RequestState
from common.errors import DomainError
from common.exceptions import Running
from common.models import ApiKey, IdempotencyRecord

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=72)
LONGEST_KEY = 255

Method = TypeVar("Method", bound=Callable[..., Response])


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    status = 422


def idempotent(method: Method) -> Method:
    """Make a view's method safe to repeat; the method runs in a transaction.

    Raises KeyReused when the key came with another request before, and Running while another
    request with the same key is being worked on.
    """

    @wraps(method)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = key_of(request)
        with transaction.atomic():
            record, is_new = claim(caller(request), key=key, request=request, at=now())
            if not is_new:
                return stored_answer(record, request)
            answer = method(view, request, *args, **kwargs)
            remember(record, answer)
            return answer

    return cast("Method", extend_schema(parameters=[KEY_PARAMETER])(once))


KEY_PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    OpenApiParameter.HEADER,
    required=True,
    description="The same for every try of the same act; kept for 72 hours.",
)


def key_of(request: Request) -> str:
    key = request.headers.get(HEADER, "")
    if not key:
        wrong = _("Send the header Idempotency-Key, the same for every try of the same act.")
        raise ValidationError({HEADER: [wrong]}, code="required")
    if len(key) > LONGEST_KEY or not key.isprintable():
        wrong = _("Use up to 255 printable characters.")
        raise ValidationError({HEADER: [wrong]}, code="invalid")
    return key


def claim(
    api_key: ApiKey, *, key: str, request: Request, at: datetime
) -> tuple[IdempotencyRecord, bool]:
    """Insert the record of this key, or find it; the second value says which."""
    # Without the lock the insert would wait for the other request, with a worker tied up.
    with connection.cursor() as cursor:
        lock = lock_number(api_key, key)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        if cursor.fetchone() != (True,):
            raise Running
    return IdempotencyRecord.objects.get_or_create(
        api_key=api_key,
        key=key,
        defaults={"request_hash": request_hash(request), "created_at": at},
    )


def lock_number(api_key: ApiKey, key: str) -> int:
    digest = hashlib.blake2b(f"idempotency:{api_key.pk}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def request_hash(request: Request) -> bytes:
    """Return what tells this request from another; the order of keys in an object does not."""
    parts = [request.method, request.get_full_path(), request.data]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def stored_answer(record: IdempotencyRecord, request: Request) -> Response:
    if bytes(record.request_hash) != request_hash(request):
        raise KeyReused(
            _("This Idempotency-Key came with another request before. Use a new one."),
            field=HEADER,
        )
    return Response(record.body, status=record.status, headers={"Idempotency-Replayed": "true"})


def remember(record: IdempotencyRecord, answer: Response) -> None:
    record.state = RequestState.DONE
    record.status = answer.status_code
    record.body = json.loads(json.dumps(answer.data, cls=JSONEncoder))
    record.save(update_fields=["state", "status", "body"])


def purge(*, at: datetime) -> int:
    """Forget the answers that are too old to be asked for; return how many."""
    deleted, _by_model = IdempotencyRecord.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    return deleted
