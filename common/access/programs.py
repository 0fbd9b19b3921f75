"""A program that guesses codes is refused for a while: the key, never the customer.

Django REST framework asks the throttles of a view before the view itself.
"""

from datetime import datetime
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common.access.guesses import LockedOut, count_try, was_wrong
from common.enums import Guessed
from common.models import ApiKey


class TooManyWrongCodes(APIException):
    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_detail = _(
        "Too many codes of this key were wrong. It may ask again later, or an administrator lifts"
        " the lock-out."
    )
    default_code = "too_many_wrong_codes"

    def __init__(self, *, wait: float) -> None:
        super().__init__()
        self.wait = wait


class WrongCodesThrottle(BaseThrottle):
    """Refuse POSTs of a key that is locked out; who it is came with the key, and costs nothing."""

    def allow_request(self, request: Request, view: Any) -> bool:
        key, at = request.auth, now()
        if request.method == "POST" and isinstance(key, ApiKey) and key.codes_locked_until:
            left = (key.codes_locked_until - at).total_seconds()
            if left > 0:
                raise TooManyWrongCodes(wait=left)
        return True


def count_wrong_code(key: ApiKey, *, at: datetime) -> None:
    """Count a code that is nobody's; call it outside of the transaction that is refused."""
    try:
        tried = count_try(Guessed.VOUCHER, who=str(key.pk), at=at, api_key=key)
    except LockedOut:
        return  # asked for before the lock, answered after it
    was_wrong(tried, at=at)
