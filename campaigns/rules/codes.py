"""Voucher codes: hard to guess, easy to read out, forgiving to type.

Thirteen symbols of Crockford's base32 (65 random bits; OWASP ASVS 5.0, 6.6.3 asks for 64) and one
check symbol, by which a typing error is told from a guess. Codes that another program made have
any letters and digits, and are as forgiving.
"""

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS = 13
# What a code from elsewhere may be, in symbols that count and in characters.
SHORTEST = 4
LONGEST = 64
LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """Return a code as it is kept: fourteen symbols without separators."""
    number = secrets.randbits(5 * RANDOM_SYMBOLS)
    symbols = "".join(ALPHABET[number >> 5 * place & 31] for place in range(RANDOM_SYMBOLS))
    return symbols + check_symbol(symbols)


def check_symbol(symbols: str) -> str:
    """Return the symbol that completes a code: the Luhn algorithm modulo 32.

    It notices every single wrong symbol and nearly every swap of two neighbours.
    """
    total = sum(_weighed(symbol, place) for place, symbol in enumerate(reversed(symbols)))
    return ALPHABET[-total % 32]


def _weighed(symbol: str, place: int) -> int:
    value = ALPHABET.index(symbol)
    doubled = value * 2
    return doubled // 32 + doubled % 32 if place % 2 == 0 else value


def normal_code(text: str) -> str:
    """Return what somebody typed as it is kept: upper case, no separators, no look-alikes."""
    letters = unicodedata.normalize("NFKC", text).upper()
    return "".join(filter(str.isalnum, letters)).translate(LOOK_ALIKES)


def is_mistyped(code: str) -> bool:
    """Say whether a normal code is one of ours but for a typing error."""
    return _looks_ours(code) and check_symbol(code[:-1]) != code[-1]


def _looks_ours(code: str) -> bool:
    return len(code) == RANDOM_SYMBOLS + 1 and set(code) <= set(ALPHABET)


def ending(code: str) -> str:
    """Return what may be shown of a normal code: four symbols, of a short one a third."""
    return code[-min(4, max(1, len(code) // 3)) :]


def readable(code: str) -> str:
    """Return the code in groups, ``7K2MP-9Q4T-WXY8Z``; one from elsewhere as it was written."""
    if not _looks_ours(code) or is_mistyped(code):
        return code
    return f"{code[:5]}-{code[5:9]}-{code[9:]}"
