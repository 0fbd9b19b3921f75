"""All that is held about one person, as files: what the catalogue says, and what apps add."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import BinaryField, Model, Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import capfirst, slugify
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext

from common.discovery import declared
from common.enums import FileFormat, Language
from common.exports.serving import STYLES
from common.exports.text import text_file
from customers.models import Customer
from customers.queries.catalogue import catalogue, column_name, table_name
from customers.queries.holdings import holdings
from customers.rules.catalogue import Described
from customers.rules.package import DATA, MANIFEST, SCHEMA, Item, PackagePart, manifest

# Of each table, on the page to read; the rest stands in its file.
SHOWN = 50
README = {Language.ENGLISH: "README.html", Language.PORTUGUESE: "LEIA-ME.html"}


@cache
def package_parts() -> tuple[PackagePart, ...]:
    return declared("personal_data", "PACKAGE_PARTS")


@dataclass(frozen=True)
class Page:
    """The rows of one table about the person, for people and for programs."""

    name: str
    described: Described
    columns: list[str]
    rows: list[Model]

    @property
    def file(self) -> str:
        return f"{slugify(self.name)}.csv"

    @property
    def header(self) -> list[str]:
        return [capfirst(column_name(self.described, each)) for each in self.columns]

    def facts(self) -> Iterator[dict[str, Any]]:
        for row in self.rows:
            yield {each: _plain(row, each) for each in self.columns}

    def cells(self) -> Iterator[list[Any]]:
        for row in self.rows:
            yield [_cell(row, each) for each in self.columns]


MaySee = Callable[[type[Model]], bool]


def _everything(_model: type[Model]) -> bool:
    return True


def package(
    people: Collection[int],
    *,
    language: Language,
    file_format: FileFormat,
    at: datetime,
    may_see: MaySee = _everything,
) -> tuple[dict[str, bytes], int]:
    """Return the files of the package about these records of one person, and how many rows it has.

    Sealed values and what says nothing of them stay out, and tables that who takes it may not see.
    """
    with translation.override(language):
        pages = [it for it in _pages(people) if may_see(it.described.model)]
        parts = _parts(people, may_see=may_see, at=at)
        files = {page.file: _csv(page.header, page.cells(), file_format) for page in pages}
        files[DATA] = _json(
            {
                "schema": SCHEMA,
                "controller": settings.SHOP_NAME,
                "made_at": at,
                "tables": {page.described.model._meta.label: list(page.facts()) for page in pages},
            }
        )
        for name, (_title, items) in parts.items():
            files[name] = _part(name, items, file_format)
        titles = [(name, str(title)) for name, (title, _items) in parts.items()]
        files = {README[language]: _readme(pages, titles, at=at), **files}
    return {**files, MANIFEST: manifest(files)}, sum(len(page.rows) for page in pages)


def _pages(people: Collection[int]) -> Iterator[Page]:
    paths: dict[Any, list[str]] = {Customer: ["pk"]}
    for holding in holdings():
        if holding.model is not Customer:
            paths.setdefault(holding.model, []).append(holding.person)
    for described in catalogue():
        columns = [name for name, _category in described.named() if _is_told(described, name)]
        if columns and (named_by := paths.get(described.model)):
            theirs = Q()
            for path in named_by:
                theirs |= Q(**{f"{path}__in": people})
            relations = [name for name in columns if _field(described, name).is_relation]
            found = described.model._default_manager.filter(theirs).order_by("pk")
            if rows := list(found.select_related(*relations) if relations else found):
                yield Page(table_name(described), described, columns, rows)


def _is_told(described: Described, name: str) -> bool:
    return not isinstance(_field(described, name), BinaryField) and name != "plain_name"


def _field(described: Described, name: str) -> Any:
    return described.model._meta.get_field(name)


def _plain(row: Model, name: str) -> Any:
    value = getattr(row, name)
    return str(value) if isinstance(value, Model) else value


def _cell(row: Model, name: str) -> Any:
    """Return what people read: the word for a choice, the name of what is pointed to."""
    worded = getattr(row, f"get_{name}_display", None)
    value = worded() if worded else getattr(row, name)
    if isinstance(value, list | dict):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False) if value else ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(value) if isinstance(value, Model) else value


def _parts(
    people: Collection[int], *, may_see: MaySee, at: datetime
) -> dict[str, tuple[Any, list[Item]]]:
    found: dict[str, tuple[Any, list[Item]]] = {}
    for part in filter(lambda it: may_see(it.of), package_parts()):
        found.setdefault(part.file, (part.title, []))[1].extend(part.items(people, at))
    return found


def _part(name: str, items: list[Item], file_format: FileFormat) -> bytes:
    if name.endswith(".json"):
        return _json(items)
    header = list(items[0]) if items else []
    return _csv(header, ([item[key] for key in header] for item in items), file_format)


def _json(content: Any) -> bytes:
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def _csv(header: list[str], rows: Any, file_format: FileFormat) -> bytes:
    style, zone = STYLES[file_format], get_default_timezone()
    return b"".join(text_file(header, rows, style=style, zone=zone))


def _readme(pages: list[Page], titles: list[tuple[str, str]], *, at: datetime) -> bytes:
    context: Mapping[str, Any] = {
        "shop": settings.SHOP_NAME,
        "officer": settings.DATA_PROTECTION_OFFICER,
        "at": at,
        "pages": [
            {
                "name": capfirst(page.name),
                "file": page.file,
                "count": len(page.rows),
                "is_cut": len(page.rows) > SHOWN,
                "columns": page.header,
                "rows": list(page.cells())[:SHOWN],
                "described": page.described,
            }
            for page in pages
        ],
        "titles": titles,
    }
    return render_to_string("customers/package.html", context).encode()
