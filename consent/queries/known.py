"""What we know about a person, at once and without its values (LGPD art. 19 I: simplified)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.text import capfirst

from customers.enums import Category
from customers.models import Customer
from customers.queries.catalogue import catalogue, column_name, table_name
from customers.queries.holdings import held
from customers.rules.catalogue import Described
from customers.rules.masking import masked, masked_email, masked_phone

# They repeat what stands beside them, made for searching and blocking.
COPIES = frozenset({"plain_name", "email_hash", "phone_hash"})
# Of these the owner sees enough to recognise them; of the rest only that they are held.
RECOGNISED = frozenset({Category.IDENTITY, Category.CONTACT})


@dataclass(frozen=True)
class Field:
    """A column of the person's record that says something, and enough of it to recognise."""

    label: str
    shown: str


@dataclass(frozen=True)
class Known:
    """What one table holds of the person in one category, where it is from and who gets it."""

    table: str
    count: int
    columns: list[str]
    fields: list[Field]
    purpose: str
    origin: str
    shared: str


def known(customer: Customer) -> dict[Category, list[Known]]:
    """Return what is held of the person, category by category; empty ones are left out."""
    people = list(Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer)))
    counts: dict[Any, int] = {}
    for holding, count in held(*people):
        counts[holding.model] = max(count, counts.get(holding.model, 0))
    counts[Customer] = 1
    found: dict[Category, list[Known]] = {category: [] for category in Category}
    for described in catalogue():
        if count := counts.get(described.model, 0):
            for category, names in described.facts.items():
                found[category].extend(_known(described, category, names, customer, count))
    return {category: tables for category, tables in found.items() if tables}


def _known(
    described: Described, category: Category, names: str, customer: Customer, count: int
) -> Iterator[Known]:
    is_record = described.model is Customer
    fields = _fields(described, category, names, customer) if is_record else []
    if is_record and not fields:
        return
    yield Known(
        table=capfirst(table_name(described)),
        count=count,
        columns=[column_name(described, name) for name in names.split() if name not in COPIES],
        fields=fields,
        purpose=str(described.purpose),
        origin=str(described.origin),
        shared=str(described.shared),
    )


def _fields(
    described: Described, category: Category, names: str, customer: Customer
) -> list[Field]:
    told = ((name, getattr(customer, name)) for name in names.split() if name not in COPIES)
    return [
        Field(capfirst(column_name(described, name)), _shown(name, value, category))
        for name, value in told
        if value not in (None, "", [], {})
    ]


def _shown(name: str, value: Any, category: Category) -> str:
    if name == "email":
        return masked_email(value)
    if name == "phone":
        return masked_phone(value)
    return masked(value) if category in RECOGNISED else "…"
