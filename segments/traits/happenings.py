"""What happened to somebody: every kind of event of the timeline."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial

from django.conf import settings
from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    DecimalField,
    Expression,
    F,
    Field,
    Func,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from customers.enums import FieldType
from customers.models import Event
from customers.queries.timeline import declared_kinds, event_kinds
from customers.rules import EventKind, KindField
from customers.rules.telling import NAMING_GOODS
from segments.enums import TraitType
from segments.rules import Detail, Rows, Trait
from segments.traits.buying import sensitive_names

HAPPENED = _("What happened")
# Nobody's deeds: jobs, and what staff did to the record.
NOT_ASKED = {
    "customers.file_imported",
    "customers.file_undone",
    "customers.erased",
    "segments.entered",
    "segments.left",
}
# Newest events that are looked through for words, and words that are offered.
READ = 2_000
MOST = 20
OF_TYPE = {
    FieldType.TEXT: TraitType.TEXT,
    FieldType.NUMBER: TraitType.NUMBER,
    FieldType.BOOLEAN: TraitType.YES_NO,
    FieldType.DATE: TraitType.DAY,
    FieldType.MOMENT: TraitType.MOMENT,
}


@cache
def happenings() -> list[Trait]:
    """Return a trait for each kind of event that an app declares."""
    return [_of_kind(kind) for code, kind in event_kinds().items() if code not in NOT_ASKED]


def declared_happenings() -> list[Trait]:
    """Return a trait for each kind of event that staff declared, in two queries at most."""
    return [_of_kind(kind) for kind in declared_kinds().values()]


def _of_kind(kind: EventKind) -> Trait:
    return Trait(
        code=f"events.{kind.code}",
        label=kind.label,
        group=HAPPENED,
        type=TraitType.TIMES,
        category=kind.category,
        rows=Rows(
            found=partial(_events, kind.code),
            moment="occurred_at",
            label=kind.label,
            details={field.name: _detail(kind.code, field) for field in kind.details},
        ),
    )


def _events(kind: str, at: datetime) -> QuerySet[Event]:
    return Event.objects.filter(kind=kind, customer__isnull=False)


def _type_of(field: KindField) -> TraitType:
    if field.choices:
        return TraitType.CHOICE
    return TraitType.MONEY if field.is_money else OF_TYPE[field.type]


def _detail(kind: str, field: KindField) -> Detail:
    has_own_words = field.type == FieldType.TEXT and not field.choices
    return Detail(
        label=field.called,
        type=_type_of(field),
        # Two underscores would mean a path.
        field=f"detail_{field.name.replace('_', 'X')}",
        reads=_told(field),
        suggest=partial(_texts, kind, field.name) if has_own_words else None,
        choices=field.choices,
        is_whole=field.is_whole,
        also=sensitive_names if field.name in NAMING_GOODS else None,
    )


def _told(field: KindField) -> Expression:
    """Return what an event says, of its type; NULL, or no text, where it says nothing of it."""
    text = Func(
        F("data"), Value(field.name), function="jsonb_extract_path_text", output_field=TextField()
    )
    match field.type:
        case FieldType.NUMBER:
            # A number that is too large for the column says nothing, rather than end the query.
            number = DecimalField(max_digits=24, decimal_places=6)
            return _if_it_can_be(text, "numeric(24,6)", number)
        case FieldType.BOOLEAN:
            return _if_it_can_be(text, "boolean", BooleanField())
        case FieldType.MOMENT:
            return _if_it_can_be(text, "timestamptz", DateTimeField())
        case FieldType.DATE:
            first = Func(
                Value(settings.SHOP_TIME_ZONE),
                text,
                template="timezone(%(expressions)s::timestamp)",
                output_field=DateTimeField(),
            )
            return Case(When(_can_be(text, "date"), then=first))
    return Coalesce(text, Value(""), output_field=TextField())


def _if_it_can_be(text: Expression, type_: str, field: Field) -> Case:
    return Case(When(_can_be(text, type_), then=Cast(text, field)))


def _can_be(text: Expression, type_: str) -> Func:
    return Func(text, Value(type_), function="pg_input_is_valid", output_field=BooleanField())


def _texts(kind: str, name: str, typed: str) -> Sequence[str]:
    """Return a few words that the newest events of the kind tell."""
    newest = Event.objects.filter(kind=kind, data__has_key=name).order_by("-occurred_at")
    told = newest.values_list(f"data__{name}", flat=True)[:READ]
    words = {word for word in told if isinstance(word, str) and typed.lower() in word.lower()}
    return sorted(words)[:MOST]
