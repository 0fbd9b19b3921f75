"""Attributes are declared, changed as far as their values allow, and retired."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from common.discovery import declared
from common.errors import DomainError
from common.models import ApiKey, User
from common.operations import audit
from customers.enums import AttributeType
from customers.models import AttributeDefinition
from customers.queries.attributes import is_in_use, words_in_use
from customers.rules.attributes import COMPATIBLE
from customers.rules.files import labels_of, plain

WORDS_NAMED = 5


class AttributeExists(DomainError):
    code = "attribute_exists"


class AttributeInUse(DomainError):
    """Values that customers have would no longer be of the attribute."""

    code = "attribute_in_use"


class LabelOfAField(DomainError):
    """Two columns of an exported file would have one header, and it could not come in again."""

    code = "label_of_a_field"
    status = 422


def _refuse_label_of_a_field(label: str) -> None:
    kinds = {kind.code: kind for kind in declared("importers", "FILE_KINDS")}
    if plain(label) in labels_of(kinds["customers"]):
        raise LabelOfAField(
            _("The file of customers calls a column of ours “%(label)s”: say it in other words.")
            % {"label": label},
            field="label",
        )


@transaction.atomic
def declare_attribute(
    definition: AttributeDefinition, *, by: User | ApiKey | None, at: datetime
) -> tuple[AttributeDefinition, bool]:
    """Keep a new attribute, and say whether it is new.

    Declared again just as it is, nothing happens. Expects a definition that is valid in itself
    (``full_clean``). Raises AttributeExists, LabelOfAField.
    """
    _refuse_label_of_a_field(definition.label)
    _take_turns()
    known = AttributeDefinition.objects.filter(code=definition.code).first()
    if known is None:
        definition.created_at = at
        definition.save()
        audit("customers.attribute_declared", definition, at=at, by=by)
        return definition, True
    if known.retired_at or known.as_attribute() != definition.as_attribute():
        raise AttributeExists(
            _("There is another attribute “%(code)s”: %(label)s.")
            % {"code": known.code, "label": known.label},
            field="code",
        )
    return known, False


@transaction.atomic
def change_attribute(
    definition: AttributeDefinition,
    *,
    by: User | ApiKey | None,
    at: datetime,
    fields: Collection[str] = (),
) -> AttributeDefinition:
    """Keep a changed attribute; ``fields`` are told to the audit.

    Raises AttributeInUse when customers have values that would not fit, and LabelOfAField.
    """
    _refuse_label_of_a_field(definition.label)
    _take_turns()
    refuse_misfits(definition)
    definition.save()
    audit("customers.attribute_changed", definition, at=at, by=by, fields=fields)
    return definition


def refuse_misfits(definition: AttributeDefinition) -> None:
    """Raise AttributeInUse when, with the attribute as it is to be, known values would not fit."""
    known = AttributeDefinition.objects.get(pk=definition.pk)
    _refuse_other_type(known, definition)
    _refuse_missing_words(known, definition)


def _take_turns() -> None:
    """Make whoever declares or changes attributes wait for each other: it is seldom and short."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('customers_attributedefinition'))")


def _refuse_other_type(known: AttributeDefinition, wanted: AttributeDefinition) -> None:
    kinds = (AttributeType(known.type), AttributeType(wanted.type))
    if kinds[0] == kinds[1] or kinds in COMPATIBLE or not is_in_use(known.code):
        return
    raise AttributeInUse(
        _(
            "Customers have values of this attribute, which are of type “%(type)s”. Retire it and"
            " declare another one."
        )
        % {"type": kinds[0].label},
        field="type",
    )


def _refuse_missing_words(known: AttributeDefinition, wanted: AttributeDefinition) -> None:
    keeps_all = known.choices and set(known.choices) <= set(wanted.choices)
    if keeps_all or not wanted.choices:
        return
    if missing := sorted(words_in_use(known.code) - set(wanted.choices)):
        raise AttributeInUse(
            _("Customers have these words, which would be missing: %(words)s.")
            % {"words": ", ".join(missing[:WORDS_NAMED])},
            field="choices",
        )


@transaction.atomic
def retire_attribute(
    definition: AttributeDefinition, *, by: User | ApiKey | None, at: datetime
) -> bool:
    """Hide an attribute everywhere; its values stay. False when it was retired before."""
    retired = AttributeDefinition.objects.active().filter(pk=definition.pk).update(retired_at=at)
    if retired:
        audit("customers.attribute_retired", definition, at=at, by=by)
    return bool(retired)


@transaction.atomic
def bring_back_attribute(
    definition: AttributeDefinition, *, by: User | ApiKey | None, at: datetime
) -> bool:
    """Show a retired attribute again, with the values it had. False when it is not retired."""
    retired = AttributeDefinition.objects.filter(pk=definition.pk, retired_at__isnull=False)
    brought_back = retired.update(retired_at=None)
    if brought_back:
        audit("customers.attribute_brought_back", definition, at=at, by=by)
    return bool(brought_back)
