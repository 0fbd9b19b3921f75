"""Six digits, sent to an address of somebody's, that they type into a page."""

import hmac
import secrets

from common.keys import keyed_hash
from consent.rules.opt_in import CODE_DIGITS


def new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def code_hash(code: str, *, of: object, use: str) -> bytes:
    """Return what is kept of a code; ``of`` is what it opens, so that none opens another."""
    return keyed_hash(f"{of}:{code}", use=use)


def is_the_code(typed: str, *, kept: bytes, of: object, use: str) -> bool:
    """Compare what somebody typed; blanks and dashes between the digits do not count."""
    digits = "".join(it for it in typed if it.isdecimal())
    return hmac.compare_digest(kept, code_hash(digits, of=of, use=use))
