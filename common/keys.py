"""What is signed, hashed or sealed, each with a key of its own.

Signed: links in messages. Hashed: addresses and codes that must be found but not read.
Sealed: what must be read again, by us alone.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from django.conf import settings
from django.core.signing import Signer

NAMES = ("SECRET_KEY", "SIGNING_KEY", "HASHING_KEY", "SEALING_KEY")


def development_keys(var: Path) -> dict[str, str]:
    """Return the keys of this checkout, made at the first call and kept in ``var/keys.json``."""
    file = var / "keys.json"
    if not file.exists():
        var.mkdir(parents=True, exist_ok=True)
        part = var / f"keys.{os.getpid()}.part"
        part.touch(mode=0o600)
        part.write_text(json.dumps({name: secrets.token_urlsafe(48) for name in NAMES}))
        # Two processes may start at once: the first link wins, both read the same keys.
        try:
            os.link(part, file)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return json.loads(file.read_text())


def keyed_hash(value: str, *, use: str) -> bytes:
    """Return 32 bytes by which ``value`` can be found again; each ``use`` has its own hashes."""
    key = settings.HASHING_KEY.encode()
    return hmac.digest(key, f"{use}:{value}".encode(), "sha256")


def keyed_hasher(use: str) -> Callable[[str], bytes]:
    """Return what hashes many values as ``keyed_hash`` does, in half the time.

    HMAC as RFC 2104 defines it, with the part that is the same for all values done once.
    """
    key = settings.HASHING_KEY.encode()
    block = (key if len(key) <= 64 else hashlib.sha256(key).digest()).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + f"{use}:".encode())
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def hashed(value: str) -> bytes:
        within, around = inner.copy(), outer.copy()
        within.update(value.encode())
        around.update(within.digest())
        return around.digest()

    return hashed


def _box() -> Fernet:
    digest = hashlib.sha256(settings.SEALING_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def seal(text: str) -> bytes:
    return _box().encrypt(text.encode())


def sealer() -> Callable[[str], bytes]:
    """Return what seals many texts as ``seal`` does, with the key made ready once."""
    box = _box()
    return lambda text: box.encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """Raise ``cryptography.fernet.InvalidToken`` when the key is another one."""
    return _box().decrypt(bytes(sealed)).decode()


def wrap_key(key: bytes) -> bytes:
    """Return a person's key of 32 bytes under ours, in 40 bytes: RFC 3394."""
    return aes_key_wrap(_key_of_keys(), key)


def unwrap_key(wrapped: bytes) -> bytes:
    """Raise ``keywrap.InvalidUnwrap`` when it was wrapped under another key."""
    return aes_key_unwrap(_key_of_keys(), wrapped)


def _key_of_keys() -> bytes:
    return hmac.digest(settings.SEALING_KEY.encode(), b"keys of people", "sha256")


def signer(use: str) -> Signer:
    """Return a signer whose signatures hold for this use alone."""
    return Signer(key=settings.SIGNING_KEY, salt=use)
