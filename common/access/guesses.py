"""Whoever guesses is stopped: so many tries within a while, then none for another while.

A try is counted before it is judged, so that a hundred at once are not a hundred chances; what
turns out right is forgiven. Nobody is told whether what they guess at exists: an unknown name is
locked as a known one is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from common.enums import Guessed
from common.errors import DomainError
from common.keys import keyed_hash
from common.models import ApiKey, Lockout, User
from common.operations import audit


@dataclass(frozen=True)
class Patience:
    tries: int
    within: timedelta
    locked_for: timedelta


# OWASP ASVS 5.0, 6.3.1 and 6.6.3; vouchers: 32^13 codes at 80 misses an hour take for ever.
PATIENCE = {
    Guessed.PASSWORD: Patience(5, timedelta(minutes=15), timedelta(minutes=15)),
    Guessed.CODE: Patience(5, timedelta(minutes=10), timedelta(minutes=15)),
    Guessed.VOUCHER: Patience(20, timedelta(minutes=10), timedelta(minutes=15)),
}
# After so long nobody needs to know any more.
KEPT_FOR = timedelta(days=7)


class LockedOut(DomainError):
    """``until`` is when the next try is heard."""

    code = "locked_out"
    status = 429

    def __init__(self, until: datetime) -> None:
        self.until = until
        told = _(
            "Too many wrong tries. The next one is heard at %(time)s;"
            " an administrator can let you in before."
        )
        super().__init__(told % {"time": date_format(localtime(until), "TIME_FORMAT")})


@transaction.atomic
def count_try(
    guessed: Guessed,
    *,
    who: str,
    at: datetime,
    user: User | None = None,
    api_key: ApiKey | None = None,
) -> Lockout:
    """Count a try of whoever ``who`` stands for; the last one allowed locks, unless forgiven.

    Raises LockedOut.
    """
    patience = PATIENCE[guessed]
    found, _is_new = Lockout.objects.select_for_update().get_or_create(
        guessed=guessed,
        who_hash=keyed_hash(who, use=f"guesses:{guessed}"),
        defaults={"since": at, "user": user, "api_key": api_key},
    )
    if found.locked_until and found.locked_until > at:
        raise LockedOut(found.locked_until)
    if found.locked_until or at - found.since > patience.within:
        found.since, found.tries, found.locked_until = at, 0, None
    found.tries += 1
    if found.tries >= patience.tries:
        found.locked_until = at + patience.locked_for
    found.save()
    return found


def was_wrong(tried: Lockout, *, at: datetime) -> None:
    """Say so in the audit when this try was the last one."""
    if tried.locked_until:
        audit("locked_out", tried, at=at, by=tried.api_key, fields=[tried.guessed])


def forgive(tried: Lockout) -> None:
    Lockout.objects.filter(pk=tried.pk).delete()


@transaction.atomic
def unlock(lockout: Lockout, *, by: User | None, at: datetime) -> bool:
    """Hear the next try at once; False when nobody was locked out."""
    locked = Lockout.objects.standing(at=at).filter(pk=lockout.pk)
    lifted = locked.update(locked_until=None, tries=0, since=at)
    if lifted:
        audit("unlocked", lockout, at=at, by=by, fields=[lockout.guessed])
    return bool(lifted)


def forget_old_tries(*, at: datetime) -> None:
    Lockout.objects.filter(since__lt=at - KEPT_FOR).delete()
