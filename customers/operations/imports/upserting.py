"""Rows of one table from the rows of a file: what differs is updated, what is missing is added."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from customers.operations.imports.merging import Chunk
from customers.rules.files import WHOLE_ROW


@dataclass(frozen=True)
class Upsert:
    """How the things of a file become the rows of a table.

    ``values`` says for each column of the table what the file says of it, in SQL over ``s`` (the
    file's) and ``t`` (the table's own row, NULL when new). NULL is "says nothing": a known row
    keeps what it has, a new one gets ``defaults``. ``stamps`` are set on whatever is written,
    ``births`` on new rows. ``source`` has one row for each thing; ``also`` are further columns of
    it that ``Chunk.units`` keeps, and ``or_differs`` another way in which a known row may differ.
    """

    table: str
    key: str
    key_value: str
    values: Mapping[str, str]
    defaults: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    births: Mapping[str, str] = field(default_factory=dict)
    source: str = "{rows}"
    also: tuple[str, ...] = ()
    or_differs: str = "false"
    # What an update changes beside the row itself, in SQL over ``old``: kept for an undo.
    also_prior: str = "jsonb_build_object()"
    version: str = WHOLE_ROW
    # More of what makes a known row the file's, in SQL over ``t``.
    also_on: str = ""

    @property
    def units(self) -> str:
        said = ", ".join(f"{value} AS {name}" for name, value in self.values.items())
        then = ", ".join(f"coalesce({value}, t.{name})" for name, value in self.values.items())
        known = ", ".join(f"t.{name}" for name in self.values)
        also = "".join(f", s.{name}" for name in self.also)
        return f"""
            SELECT {self.key_value} AS {self.key}, {said}{also}, t.id AS known_id,
                   ROW({then}) IS DISTINCT FROM ROW({known})
                       OR t.id IS NOT NULL AND {self.or_differs} AS differs
            FROM {self.source} s
            LEFT JOIN {self.table} t ON t.{self.key} = {self.key_value}{self.also_on}
        """

    def write(self, chunk: Chunk) -> None:
        """Bring the chunk in; rows that say the same already are not touched."""
        if chunk.has_updates:
            self._update(chunk)
        new = {name: f"u.{name}" for name in (self.key, *self.values)}
        for name, default in self.defaults.items():
            new[name] = f"coalesce(u.{name}, {default})" if name in self.values else default
        new |= {**self.stamps, **self.births}
        # In the order of the key: the unique index is then written from left to right.
        chunk.write(
            self.table,
            f"INSERT INTO {self.table} ({', '.join(new)}) SELECT {', '.join(new.values())}"
            f" FROM {{units}} u WHERE u.known_id IS NULL ORDER BY u.{self.key}",
            version=self.version.format(row=self.table),
        )

    def _update(self, chunk: Chunk) -> None:
        kept = [f"{name} = coalesce(u.{name}, {self.table}.{name})" for name in self.values]
        kept += [f"{name} = {value}" for name, value in self.stamps.items()]
        chunk.write(
            self.table,
            f"UPDATE {self.table} SET {', '.join(kept)}"
            f" FROM {{units}} u JOIN {self.table} old ON old.id = u.known_id"
            f" WHERE u.known_id = {self.table}.id AND u.differs",
            version=self.version.format(row=self.table),
            prior=f"to_jsonb(old) || {self.also_prior}",
        )
