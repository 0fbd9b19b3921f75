"""Write the demo shop's files: a real year of purchases, and invented people who made them."""

import csv
from collections.abc import Callable, Collection, Iterable
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.csv import WriteOptions, write_csv

from config.demo.carts import CartLine, carts
from config.demo.cases import Complaint, cases
from config.demo.consents import Consent, consents
from config.demo.customers import Person, people
from config.demo.history import Happening, history
from config.demo.orders import orders
from config.demo.products import products
from config.demo.readme import README
from config.demo.source import read_year

# Told which file is now written, how many are, and how many there will be.
Progress = Callable[[Path, int, int], None]


@dataclass(frozen=True)
class Files:
    """Where the files are, in an order in which they can be brought in."""

    readme: Path
    products: Path
    customers: Path
    consents: Path
    orders_history: Path
    orders_recent: Path
    history: Path
    carts: Path
    cases: Path


def files_in(folder: Path) -> Files:
    return Files(
        readme=folder / "README.txt",
        products=folder / "products.csv",
        customers=folder / "customers.csv",
        consents=folder / "consents.csv",
        orders_history=folder / "orders-history.csv",
        orders_recent=folder / "orders-recent.csv",
        history=folder / "history.csv",
        carts=folder / "carts.csv",
        cases=folder / "cases.csv",
    )


def write_files(
    folder: Path,
    *,
    last_day: date,
    recent_days: int = 21,
    households: Collection[int] | None = None,
    order_days: int | None = None,
    progress: Progress | None = None,
) -> Files:
    """Write every file, the same bytes each time for the same arguments.

    last_day: the shop's day on which the last order falls
    recent_days: how many days up to ``last_day`` are in ``orders-recent.csv``
    households: these alone, and the products that they need
    order_days: no order lines older than so many days up to ``last_day``
    """
    everybody = read_year(last_day=last_day)
    year = everybody if households is None else everybody.of(households)
    shoppers = list(people(year))
    in_carts = list(carts(year))
    if order_days is not None:
        year = year.since(last_day - timedelta(days=order_days - 1))
    recent_from = last_day - timedelta(days=recent_days - 1)

    def catalogue() -> pa.Table:
        every = products(everybody)
        return every if households is None else _needed(every, year.lines, in_carts)

    files = files_in(folder)
    writings: dict[Path, Callable[[Path], None]] = {
        files.readme: lambda path: _write_text(path, README),
        files.products: lambda path: _write_table(path, catalogue(), quoted=True),
        files.customers: lambda path: _write_rows(path, Person, shoppers),
        files.consents: lambda path: _write_rows(
            path, Consent, consents(shoppers, last_day=last_day)
        ),
        files.orders_history: lambda path: _write_table(
            path, orders(year.until(recent_from).lines)
        ),
        files.orders_recent: lambda path: _write_table(
            path, orders(year.since(recent_from).lines)
        ),
        files.history: lambda path: _write_rows(path, Happening, history(year)),
        files.carts: lambda path: _write_rows(path, CartLine, in_carts),
        files.cases: lambda path: _write_rows(path, Complaint, cases(shoppers, last_day=last_day)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for done, (path, write) in enumerate(writings.items(), start=1):
        write(path)
        if progress:
            progress(path, done, len(writings))
    return files


def _needed(products: pa.Table, lines: pa.Table, in_carts: Iterable[CartLine]) -> pa.Table:
    bought = pc.unique(lines["product"]).cast(pa.string())
    skus = pa.concat_arrays([bought, pa.array([line.sku for line in in_carts], pa.string())])
    return products.filter(pc.is_in(products["sku"], value_set=skus))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_table(path: Path, table: pa.Table, *, quoted: bool = False) -> None:
    """Write the table, its texts in quotes if asked; without, a comma in one is an error."""
    options = WriteOptions(include_header=False, quoting_style="needed" if quoted else "none")
    with path.open("wb") as file:
        file.write(f"{','.join(table.column_names)}\n".encode())
        write_csv(table, file, options)


def _write_rows(path: Path, kind: type, rows: Iterable[Any]) -> None:
    """Write dataclasses; ``kind`` names the columns also where there is no row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(field.name for field in fields(kind))
        lines.writerows(map(_cell, astuple(row)) for row in rows)


def _cell(value: object) -> object:
    return value.isoformat(" ") if isinstance(value, datetime) else value
