"""Files that people bring: what may stand in them, and how their headers are understood."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from customers.enums import CellType

# A column that no field wants can be kept beside the fields, where the kind of file allows it: as
# an attribute, or under its own name. The mapping then says "extra.age_band".
EXTRA = "extra."

# Columns of a download of rejected rows: brought again, they say nothing.
REJECTED = "rejected_"

# Why a row did not come in. The value of the rejected row may be named, and what was expected.
REASONS: dict[str, str | Promise] = {
    "cell_count": _("The row has %(value)s cells, the header another number."),
    "not_text": _("The cell holds a character that is not text (NUL)."),
    "cell_too_long": _("The cell is longer than 32 KiB."),
    "too_long": _("The text is too long for this field."),
    "too_short": _("The text is too short for this field."),
    "required": _("This field may not be empty."),
    "not_email": _("This is not an e-mail address."),
    "not_phone": _("This is not a telephone number."),
    "not_tax_id": _("This is not a CPF or CNPJ: its check digits are wrong."),
    "not_date": _("This is not a date such as 31/12/2026 or 2026-12-31."),
    "not_moment": _("This is not a date and time such as 31/12/2026 23:59."),
    "not_number": _("This is not a number such as 1.234,50 or 1234.50."),
    "negative": _("The number may not be below zero."),
    "not_whole_number": _("This is not a whole number such as 1500."),
    "thousands": _("This may be thousands or a fraction. Write 1500 without a mark."),
    "too_large": _("The number is too large."),
    "too_precise": _("The number has too many digits behind the decimal mark."),
    "not_choice": _("This is none of the words that this field knows."),
    "not_one_of": _("This is not one of: %(expected)s."),
    "not_yes_or_no": _("This is neither yes nor no."),
    "not_a_text": _("This is not a text."),
    "not_a_list": _("This is not a list of texts."),
    "too_many": _("The list is too long: it holds at most %(expected)s."),
    "repeated": _("Line %(value)s is about the same thing and says something else."),
    "sibling_rejected": _("Line %(value)s, which belongs to this row, did not come in."),
    "unknown_customer": _("There is no customer with this number."),
    "unknown_address": _("There is no customer with this address."),
    "erased_customer": _("This customer was erased at their own wish."),
    "unknown_product": _("There is no product with this SKU."),
    "other_customer": _("This number is already known, and belongs to another customer."),
    "unknown_purpose": _("There is no such purpose."),
    "unknown_offer": _("There is no offer with this name."),
    "unknown_list": _("There is no list with this name."),
    "removed_by_hand": _("Somebody removed this customer from the list by hand."),
    "other_voucher": _("This code exists already, with other terms: %(value)s."),
    "amount_of_percentage": _("The offer takes off a percentage, and no amount."),
    "nothing_off": _("With this amount nothing would be taken off."),
    "below_one": _("This must be at least 1."),
    "used_more_than_allowed": _("It was used more often than it may be."),
    "expired_points": _("These points have expired already."),
    "other_points": _("These points came in before, as another number or with another expiry."),
    "more_than_bought": _("More came back than was bought."),
    "not_whole": _("The order is told as returned, and this line did not come back whole."),
    "which_lines": _("Say in the lines of the order how much came back."),
    "ambiguous": _("This belongs to several customers: %(value)s. Merge them, or say which."),
    "other_number": _("This person is known already, under the number %(value)s."),
    "number_taken": _("The number %(value)s belongs to somebody else."),
    "in_future": _("This lies in the future."),
    "not_permitted": _("This person does not let us keep such behaviour with their name."),
    "detail_missing": _("Events of this kind must say “%(value)s”."),
    "no_such_detail": _("Events of this kind have no detail “%(value)s”."),
    "wrong_detail": _("The detail is not of its kind: %(value)s."),
    "no_address": _("Name an e-mail or a phone."),
    "unknown_notice": _(
        "Name a notice by its code, and a published version of it that is about the purpose."
    ),
    "one_scope": _("Name either a channel or a kind of data, and not both."),
}

# Why an undo leaves a row as it is.
LEFT: dict[str, str | Promise] = {
    "changed": _("It was changed after the import."),
    "used": _("Something newer belongs to it, such as an order or a message."),
}


@dataclass(frozen=True)
class Reference:
    """Another table's row, which a cell names by ``column``; its ``key`` goes to ``<field>_id``.

    ``unknown`` is the reason of a row whose cell names nothing; ``also`` is more SQL about the
    row, which calls it ``{table}``.
    """

    table: str
    column: str
    unknown: str
    also: str = ""
    key: str = "id"


@dataclass(frozen=True)
class Secret:
    """How a column is kept whose cells nobody should read: as hash, sealed, and by its ending.

    ``normal`` says under which form a cell is known, at least ``shortest`` symbols; ``use`` is
    that of ``common.keys.keyed_hash``; ``ending`` is what of the normal form may be shown.
    """

    normal: Callable[[str], str]
    ending: Callable[[str], str]
    use: str
    shortest: int = 1

    def shown(self, cell: str) -> str:
        return f"…{self.ending(code)}" if (code := self.normal(cell)) else ""


@dataclass(frozen=True)
class Column:
    """A field that a file can fill.

    ``also`` are other names of it in headers, and ``choices`` maps a word in the file to the
    value that is kept; both are compared as ``plain`` writes them. ``of_unit`` is for files with
    several rows about one thing: all of them must say the same here. ``names_customer`` holds the
    shop's customer numbers: one that was merged stands for the record that stayed.
    """

    name: str
    label: str | Promise
    type: CellType = CellType.TEXT
    also: tuple[str, ...] = ()
    required: bool = False
    longest: int = 200
    choices: Mapping[str, str] = field(default_factory=dict)
    refers: Reference | None = None
    of_unit: bool = False
    # It has happened: not after the day that follows the upload, wherever that is.
    past: bool = False
    # What ``choices`` are when they are asked for, instead of once for all.
    choices_now: Callable[[], Mapping[str, str]] | None = None
    names_customer: bool = False
    # What is kept of a value that was read, asked once for each file.
    kept_now: Callable[[], Callable[[str], str]] | None = None
    # Kept as ``<name>_hash``, ``<name>_sealed`` and ``<name>_ending``; the column is the hash.
    secret: Secret | None = None
    # What stands here in an example of such a file; None is what ``examples`` finds.
    example: str | None = None

    @property
    def has_address(self) -> bool:
        return self.type in (CellType.EMAIL, CellType.PHONE)


@dataclass(frozen=True)
class Check:
    """A rule over the staged rows: SQL whose rows are line and value of what breaks it.

    ``{rows}`` stands for the staged rows, of which those with ``skip`` are out already, and
    ``%(job)s`` for the job's id. ``sql`` may be a function that returns it, asked for each file.
    """

    reason: str
    column: str
    sql: str | Callable[[], str]


# What tells a row from itself after somebody has written it: all of it, or, where everybody who
# writes it leaves a stamp, the stamps alone.
WHOLE_ROW = "hashtextextended(to_jsonb({row})::text, 0)"
STAMPS = (
    "hashint8extended(coalesce({row}.imported_by_id, 0),"
    " (extract(epoch FROM {row}.updated_at) * 1000000)::bigint)"
)


@dataclass(frozen=True)
class Undo:
    """How a file of the kind is taken back.

    ``table`` is where its rows went and ``key`` by which column people know them; ``version`` is
    SQL over ``{row}``. ``customer`` is the column of whom to hold meanwhile. Of removed rows the
    columns ``tells`` are kept for others; ``follow`` brings in line what hangs on the rows.
    Where no column of the row itself says the key, ``named`` is SQL over ``t`` that does.
    """

    table: str
    key: str
    version: str = WHOLE_ROW
    customer: str = ""
    tells: tuple[str, ...] = ()
    follow: Callable[[Any], None] | None = None
    named: str = ""

    @property
    def name(self) -> str:
        """SQL over ``t`` of what people know the row by."""
        return self.named or f"t.{self.key}"


@dataclass(frozen=True)
class FileKind:
    """A kind of file; apps declare theirs in ``importers.py: FILE_KINDS``.

    ``key`` are the columns that say which thing a row is about. With ``grouped`` several rows
    make one thing (an order and its lines), in the order of ``sorting``; otherwise two rows with
    one key must say the same. Things come in by their key, or first by ``beside``, the column
    whose record each of them changes on the way (the customer of an order). ``units`` is SQL over
    ``{rows}`` with one row for each thing: what it should become, ``known_id`` of what there is
    and whether it ``differs``. ``write`` brings one chunk of them in. ``extra`` says what becomes
    of columns that no field wants, '' is nothing. With ``attributes`` only those can be filled
    (``customers.rules.attributes``); it is asked for each file, since staff declare them. Without
    an ``undo`` the kind is written once and never taken back. ``people`` is the column of
    ``units`` that names whom a thing is about, and ``writes`` are tables, and columns of
    customers, that change besides what the mapping says. ``matching`` is the same kind by
    other columns than ``key`` by which its rows may be told from each other. ``into`` is the
    column that need not stand in the file, when whoever brings it says what all rows go into.
    """

    code: str
    label: str | Promise
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    units: str
    write: Callable[[Any], None]
    grouped: bool = False
    sorting: tuple[str, ...] = ()
    beside: str = ""
    checks: tuple[Check, ...] = ()
    extra: str | Promise = ""
    attributes: Callable[[], Mapping[str, Any]] | None = None
    help: str | Promise = ""
    undo: Undo | None = None
    people: str = "customer_id"
    matching: Mapping[str, "FileKind"] = field(default_factory=dict)
    writes: tuple[str, ...] = ()
    # Whoever has this permission may bring the kind, without the right to bring every kind.
    also_for: str = ""
    into: str = ""
    # Rows at once, of a kind whose rows cost more than others: over in a few seconds.
    chunk: int | None = None

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Foresight:
    """A checked file, for whoever counts what it would touch.

    ``fields`` are those that the mapping fills. ``people`` is SQL of ``customer_id``, of the known
    people about whom something is new or changes, and ``new`` SQL of the units that are new.
    """

    kind: FileKind
    historic: bool
    fields: frozenset[str]
    people: str
    new: str

    def changes(self, *, table: str = "", column: str = "") -> bool:
        """Say whether the file may change a table, or a column of customers."""
        filled = self.fields if self.kind.code == "customers" else frozenset[str]()
        return (table or column) in {*self.kind.writes, *filled}


@dataclass(frozen=True)
class Touch:
    """Something that files change besides their rows; ``importers.py: TOUCHES``.

    ``found`` returns facts for each ``sentence`` to be said, which names them: "%(people)s".
    """

    code: str
    sentence: str | Promise
    found: Callable[[Foresight], Sequence[Mapping[str, Any]]]

    def said(self, facts: Mapping[str, Any]) -> str:
        """Say it in the reader's language."""
        written = {
            name: number_format(fact, use_l10n=True, force_grouping=True)
            if isinstance(fact, int)
            else fact
            for name, fact in facts.items()
        }
        return str(self.sentence) % written


def plain(text: str) -> str:
    """Return the text for comparing: lower case, no accents, one ``_`` for all else."""
    letters = normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


def suggested_mapping(header: Sequence[str], kind: FileKind) -> dict[str, str]:
    """Return which column of the file fills which field, as far as the names tell."""
    fields = labels_of(kind) | {
        plain(name): column.name for column in kind.columns for name in (column.name, *column.also)
    }
    extras = _attributes_by_name(kind)
    mapping: dict[str, str] = {}
    for title in header:
        name = plain(title)
        extra = name if extras is None else extras.get(name)
        target = fields.get(name) or (f"{EXTRA}{extra}" if kind.extra and extra else "")
        is_ours = title.startswith(REJECTED)
        if target and target not in mapping.values() and not is_ours:
            mapping[title] = target
    return mapping


def labels_of(kind: FileKind) -> dict[str, str]:
    """Return the fields by what our own exports call them, in every language."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.update({plain(str(column.label)): column.name for column in kind.columns})
    return found


def _attributes_by_name(kind: FileKind) -> dict[str, str] | None:
    """Return the attributes that columns may fill, by code and label; None for any name."""
    if kind.attributes is None:
        return None
    known = kind.attributes()
    return {plain(str(one.label)): code for code, one in known.items()} | {c: c for c in known}
