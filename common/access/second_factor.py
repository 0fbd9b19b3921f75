"""The second factor: codes of an app (RFC 6238), and recovery codes for when it is lost.

django-otp computes the codes; the tables are ours, because its own keep secrets and recovery
codes as they are, and ours are sealed and hashed.
"""

import base64
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.oath import TOTP

from common.access.guesses import count_try, forgive, was_wrong
from common.enums import Guessed
from common.errors import DomainError
from common.keys import keyed_hash, seal, unseal
from common.models import Authenticator, RecoveryCode, RoleSecurity, User
from common.operations import audit

# RFC 4226 asks for 160 bits.
SECRET_BYTES = 20
RECOVERY_CODES = 10
# Crockford's: nothing in it looks like something else.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKES = str.maketrans("OIL", "011", " -")


class WrongCode(DomainError):
    code = "wrong_code"
    status = 422


class StillDemanded(DomainError):
    """A role of the person demands the second factor."""

    code = "still_demanded"


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def typed(secret: bytes) -> str:
    """Return the secret as people type it: letters and digits in fours."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address_for_app(secret: bytes, user: User) -> str:
    """Return the otpauth address that the QR code holds."""
    issuer = settings.SHOP_NAME
    label = quote(f"{issuer}:{user.get_username()}")
    facts = {"secret": base64.b32encode(secret).decode(), "issuer": issuer}
    return f"otpauth://totp/{label}?{urlencode(facts, quote_via=quote)}"


def step_of(code: str, *, secret: bytes, after: int, at: datetime) -> int | None:
    """Return the half minute whose code this is, or None: now, or one before or behind it.

    Half minutes up to ``after`` are over: their codes were taken.
    """
    if not (code.isascii() and code.isdigit()):
        return None
    clock = TOTP(secret)
    clock.time = at.timestamp()
    return clock.t() if clock.verify(int(code), tolerance=1, min_t=after + 1) else None


@transaction.atomic
def set_up(user: User, *, secret: bytes, code: str, at: datetime) -> list[str]:
    """Make this the person's app, in place of any before; return the recovery codes, to show once.

    Raises WrongCode unless the code shows that the app has the secret.
    """
    step = step_of(_plain(code), secret=secret, after=0, at=at)
    if step is None:
        raise WrongCode(
            _("This is not the app's code of now. Check the clock of the phone."), field="code"
        )
    Authenticator.objects.filter(user=user).delete()
    authenticator = Authenticator.objects.create(
        user=user, sealed_secret=seal(secret.hex()), last_step=step, set_up_at=at
    )
    audit("second_factor_set_up", user, at=at, by=user)
    return _new_codes(authenticator)


@transaction.atomic
def renew_recovery_codes(user: User, *, at: datetime) -> list[str]:
    """Replace the recovery codes; the earlier ones open nothing any more."""
    authenticator = Authenticator.objects.get(user=user)
    authenticator.recovery_codes.all().delete()
    audit("recovery_codes_made", user, at=at, by=user)
    return _new_codes(authenticator)


@transaction.atomic
def remove(user: User, *, by: User | None, at: datetime) -> bool:
    """Take the second factor away; False when there was none.

    Raises StillDemanded where the person's own role demands one and they remove it themselves.
    """
    if by == user and is_demanded_of(user):
        raise StillDemanded(_("Your role demands a second factor: set up another app instead."))
    removed, _by_kind = Authenticator.objects.filter(user=user).delete()
    if removed:
        audit("second_factor_removed", user, at=at, by=by)
    return bool(removed)


def check_code(user: User, code: str, *, at: datetime) -> Authenticator:
    """Return the person's authenticator if the code is the app's, or a recovery code not used.

    Raises WrongCode, and LockedOut after too many.
    """
    tried = count_try(Guessed.CODE, who=str(user.pk), at=at, user=user)
    opened = _opened_by(_plain(code), user=user, at=at)
    if opened is None:
        audit("code_failed", user, at=at)
        was_wrong(tried, at=at)
        raise WrongCode(_("This code is not right, or was used before."), field="code")
    forgive(tried)
    return opened


@transaction.atomic
def _opened_by(code: str, *, user: User, at: datetime) -> Authenticator | None:
    # The lock lets one code open once, however many try it at the same moment.
    found = Authenticator.objects.select_for_update().filter(user=user).first()
    if found is None:
        return None
    secret = bytes.fromhex(unseal(bytes(found.sealed_secret)))
    if step := step_of(code, secret=secret, after=found.last_step, at=at):
        found.last_step = step
        found.save(update_fields=["last_step"])
        return found
    unused = found.recovery_codes.filter(code_hash=_hash_of(code), used_at=None)
    if not unused.update(used_at=at):
        return None
    audit("recovery_code_used", user, at=at, by=user)
    return found


def is_demanded_of(user: User) -> bool:
    """Say whether a role of theirs demands it; a superuser may what any role may."""
    demands = RoleSecurity.objects.filter(needs_second_factor=True)
    if not user.is_superuser:
        demands = demands.filter(group__user=user)
    return demands.exists()


@transaction.atomic
def demand(role: Group, *, demanded: bool, by: User | None, at: datetime) -> None:
    """Settle whether the role demands a second factor; it holds from the next page on."""
    known = RoleSecurity.objects.filter(group=role, needs_second_factor=True).exists()
    if known == demanded:
        return
    RoleSecurity.objects.update_or_create(group=role, defaults={"needs_second_factor": demanded})
    action = "second_factor_demanded" if demanded else "second_factor_waived"
    audit(action, role, at=at, by=by)


def _new_codes(authenticator: Authenticator) -> list[str]:
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(authenticator=authenticator, code_hash=_hash_of(code)) for code in codes
    )
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def _hash_of(code: str) -> bytes:
    return keyed_hash(code, use="recovery code")


def _plain(code: str) -> str:
    """Return a code without what people add or mistake: blanks, dashes, O for 0, I and L for 1."""
    return code.strip().upper().translate(LOOK_ALIKES)
