"""What must be kept about a person, and must be gone with them: sealed with their own key.

An erasure destroys the key, wherever the sealed text has gone by then.
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.keys import unwrap_key, wrap_key
from customers.models import Customer, PersonKey
from customers.operations.erasing import records_of

# The id of the key, the nonce, the text and its tag: NIST SP 800-38D.
ID, NONCE = 8, 12


class KeyDestroyed(DomainError):
    code = "customer_erased"


def seal_for(customer: Customer, text: str, *, at: datetime) -> bytes:
    """Seal ``text`` so that it can be read until the customer is erased. Raises KeyDestroyed."""
    return sealer_for([customer.pk], at=at)(customer.pk, text)


def unseal_for(customer: Customer, sealed: bytes) -> str | None:
    """Return what was sealed for one of the person's records, or None once they were erased.

    What was sealed for somebody else is None as well.
    """
    content = unseal_bytes_for(customer, sealed)
    return None if content is None else content.decode()


def seal_bytes_for(customer: Customer, content: bytes, *, at: datetime) -> bytes:
    """Seal a file, as ``seal_for`` seals a text. Raises KeyDestroyed."""
    return _sealer([customer.pk], at=at)(customer.pk, content)


def unseal_bytes_for(customer: Customer, sealed: bytes) -> bytes | None:
    return _reader(PersonKey.objects.filter(customer__in=records_of(customer)))(sealed)


def sealer_for(people: Collection[int], *, at: datetime) -> Callable[[int, str], bytes]:
    """Return what seals texts for these people, by id: a few statements however many they are.

    It raises KeyDestroyed for who was erased.
    """
    seal = _sealer(people, at=at)
    return lambda person, text: seal(person, text.encode())


def _sealer(people: Collection[int], *, at: datetime) -> Callable[[int, bytes], bytes]:
    _make_keys(people, at=at)
    found = PersonKey.objects.filter(customer__in=people)
    keys = {
        person: (key, AESGCM(unwrap_key(bytes(wrapped))))
        for key, person, wrapped in found.values_list("pk", "customer", "wrapped")
    }

    def seal(person: int, content: bytes) -> bytes:
        if person not in keys:
            raise KeyDestroyed(_("This customer was erased: nothing is kept about them."))
        key, box = keys[person]
        header, nonce = key.to_bytes(ID), secrets.token_bytes(NONCE)
        return header + nonce + box.encrypt(nonce, content, header)

    return seal


def unsealer_of(sealed: Iterable[bytes]) -> Callable[[bytes], str | None]:
    """Return what reads these sealed texts of many people, with one query for their keys.

    It says None to what was sealed for somebody who was erased.
    """
    unseal = _reader(PersonKey.objects.filter(pk__in={_key_of(each) for each in sealed}))

    def read(sealed: bytes) -> str | None:
        content = unseal(sealed)
        return None if content is None else content.decode()

    return read


def _reader(among: QuerySet[PersonKey]) -> Callable[[bytes], bytes | None]:
    boxes = {
        key: AESGCM(unwrap_key(bytes(wrapped)))
        for key, wrapped in among.values_list("pk", "wrapped")
    }

    def unseal(sealed: bytes) -> bytes | None:
        sealed = bytes(sealed)
        box = boxes.get(_key_of(sealed))
        if box is None:
            return None
        header, nonce, text = sealed[:ID], sealed[ID : ID + NONCE], sealed[ID + NONCE :]
        return box.decrypt(nonce, text, header)

    return unseal


def _key_of(sealed: bytes) -> int:
    return int.from_bytes(bytes(sealed[:ID]))


def _make_keys(people: Collection[int], *, at: datetime) -> None:
    """Make the keys that are missing; who was erased gets none."""
    known = set(PersonKey.objects.filter(customer__in=people).values_list("customer", flat=True))
    missing = sorted(set(people) - known)
    if not missing:
        return
    wrapped = [wrap_key(secrets.token_bytes(32)) for _person in missing]
    with connection.cursor() as cursor:
        # The lock waits for an erasure under way: no key is made behind its back.
        cursor.execute(
            """
            WITH alive AS (
                SELECT id FROM customers_customer
                WHERE id = ANY(%(people)s) AND erased_at IS NULL ORDER BY id FOR SHARE
            )
            INSERT INTO customers_personkey (customer_id, wrapped, made_at)
            SELECT id, wrapped, %(at)s
            FROM alive JOIN unnest(%(people)s::bigint[], %(wrapped)s::bytea[])
                AS fresh (id, wrapped) USING (id)
            ORDER BY id
            ON CONFLICT (customer_id) DO NOTHING
            """,
            {"people": missing, "wrapped": wrapped, "at": at},
        )
