"""Files by the million, against an unchecked COPY of the same rows into the same indexes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection

from benchmarks.peer import People, PeopleInBulk, PeopleInBulkTuned, bring_in
from benchmarks.race import Result, seconds
from customers.models import AttributeDefinition, Customer, ImportJob
from customers.operations.attributes import declare_attribute
from customers.operations.imports import import_file

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
# The peer takes as long for these as we do for a million or two.
PEERS: dict[str, tuple[type[People], int]] = {
    "default": (People, 3_000),
    "bulk": (PeopleInBulk, 20_000),
    "bulk, tuned": (PeopleInBulkTuned, 20_000),
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)

# In no order, one e-mail in ten as people type it, one row in two hundred broken.
PEOPLE = """
CREATE TABLE bench_people AS
SELECT n, 'C' || lpad(n::text, 9, '0') AS external_id,
       (ARRAY['Ana','Beatriz','Carlos','Davi','Elisa','Fábio','Gabriela','Hugo'])[1 + n %% 8]
           AS first_name,
       (ARRAY['Souza','Silva','Moraes','Prado','Lima','Araújo','Pires'])[1 + n %% 7] || ' '
           || left(md5(n::text), 4) AS last_name,
       'b' || n || '@mail' || n %% 50 || '.example' AS email,
       '+55119' || lpad((n * 7 %% 100000000)::text, 8, '0') AS phone,
       date '1950-01-01' + n %% 20000 AS birth_date,
       (ARRAY['female','male','other'])[1 + n %% 3] AS gender,
       (ARRAY['SP','RJ','MG','PE','BA'])[1 + n %% 5] AS state,
       (ARRAY['Campinas','Niterói','Belo Horizonte','Recife','Salvador'])[1 + n %% 5] AS city,
       lpad((n %% 99999)::text, 5, '0') || '-000' AS postal_code,
       timestamptz '2020-01-01 00:00+00' + n %% 2000 * interval '1 day' AS registered_at,
       (34 + n %% 10)::text AS shoe_size, (ARRAY['loja','site','app'])[1 + n %% 3] AS channel,
       'L' || n %% 300 AS branch
FROM generate_series(1, %(rows)s) AS n ORDER BY hashint4(n)
"""
ATTRIBUTES = (
    AttributeDefinition(code="shoe_size", label="Shoe size", type="number"),
    AttributeDefinition(
        code="channel", label="Channel", type="choice", choices=["loja", "site", "app"]
    ),
    AttributeDefinition(code="branch", label="Branch", type="text"),
)
PEOPLE_FILE = """
SELECT external_id, first_name AS nome, last_name AS sobrenome,
       CASE WHEN n % 10 = 0 THEN ' ' || upper(email) || ' ' ELSE email END AS email,
       CASE WHEN n % 200 = 0 THEN 'unknown' ELSE phone END AS telefone,
       to_char(birth_date, 'DD/MM/YYYY') AS nascimento, gender AS sexo, 'BR' AS pais,
       state AS uf, city AS cidade, postal_code AS cep, registered_at AS cadastro,
       shoe_size, channel, branch
FROM bench_people
"""
CHANGED_FILE = PEOPLE_FILE.replace(
    "city AS", "CASE WHEN n % 10 = 1 THEN 'Olinda' ELSE city END AS"
)
# What a customer's row holds in the end, ids and the hashes of addresses included.
COLUMNS = """
    external_id, email, phone, first_name, last_name, birth_date, gender, language, timezone,
    country, state, city, postal_code, stage, interests, attributes, registered_at, created_at,
    updated_at, email_hash, phone_hash, imported_by_id
"""
RAW_PEOPLE = """
SELECT {columns} FROM customers_customer
JOIN (SELECT n, external_id FROM bench_people) AS b USING (external_id)
ORDER BY hashint4(n)
"""

GOODS = """
CREATE TABLE bench_lines AS
SELECT n, 'O' || n / 3 AS "order",
       'C' || lpad((1 + n / 3 * 7 %% (%(rows)s * 15 / 100))::text, 9, '0') AS customer,
       timestamptz '2024-01-01 10:00+00' + n / 3 %% 700 * interval '1 day' AS ordered_at,
       'S' || n %% 5000 AS sku, 1 + n %% 3 AS quantity, (1 + n %% 300) + 0.90 AS total
FROM generate_series(1, %(rows)s) AS n
"""
PRODUCTS = """
INSERT INTO customers_product (sku, name, category, price)
SELECT 'S' || n, 'Product ' || n, 'Grocery > Dairy', 9.90 FROM generate_series(0, 4999) AS n
"""
LINES_FILE = """
SELECT "order", customer, ordered_at, 'placed' AS status, sku, quantity, total FROM bench_lines
"""
LINE_COLUMNS = "order_id, number, product_id, quantity, total, discount"
RAW_LINES = "SELECT {columns} FROM customers_orderline ORDER BY id"

FOREIGN_KEYS = """
DO $$ DECLARE definition text; BEGIN
    FOR definition IN SELECT pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = '{table}'::regclass AND contype = 'f'
    LOOP EXECUTE 'ALTER TABLE bench_twin ADD ' || definition; END LOOP;
END $$
"""


@dataclass(frozen=True)
class Imported:
    seconds: float
    peak_mb: float
    job: ImportJob


def run() -> Iterator[Result]:
    folder = Path(tempfile.mkdtemp(prefix="clientela-bench-"))
    storages: dict[str, Any] = settings.STORAGES
    storages["default"]["OPTIONS"]["location"] = folder
    try:
        yield from _people(folder)
        yield from _lines(folder)
    finally:
        shutil.rmtree(folder)


def _people(folder: Path) -> Iterator[Result]:
    for definition in ATTRIBUTES:
        declare_attribute(definition, by=None, at=NOW)
    _execute(PEOPLE, {"rows": ROWS})
    people = _written(PEOPLE_FILE, folder / "people.csv")
    changed = _written(CHANGED_FILE, folder / "changed.csv")
    peers = {mode: _rate_of(*peer, people) for mode, peer in PEERS.items()}
    first = _imported(people, "customers")
    before = _written_customers()
    again = _imported(people, "customers")
    if _written_customers() != before:
        raise RuntimeError("the same file again wrote customers")
    tenth = _imported(changed, "customers")
    copied = _raw_copy(
        "customers_customer",
        COLUMNS,
        _written(RAW_PEOPLE.format(columns=COLUMNS), folder / "raw.csv"),
    )
    for name, ours in (
        (f"first import of {ROWS:,} customers", first),
        ("the same file again", again),
        ("again, 10 % changed", tenth),
    ):
        yield _beside(name, ours.seconds, "COPY, same indexes", copied)
    rate = ROWS / first.seconds
    for mode, theirs in peers.items():
        name = f"import-export, {mode}"
        yield Result("customers imported a second", round(rate), "rows/s", name, round(theirs))
    yield Result(
        name="memory of the importing process above idle",
        value=round(max(first.peak_mb, again.peak_mb, tenth.peak_mb)),
        unit="MB",
        against="limit",
        against_value=60,
    )


def _lines(folder: Path) -> Iterator[Result]:
    _execute(PRODUCTS)
    _execute(GOODS, {"rows": ROWS})
    ours = _imported(_written(LINES_FILE, folder / "lines.csv"), "orders")
    raw = _written(RAW_LINES.format(columns=LINE_COLUMNS), folder / "raw.csv")
    name = f"{ROWS:,} order lines with metrics"
    # What COPY into the real table does as well: it cannot leave the foreign keys out.
    checked = _raw_copy("customers_orderline", LINE_COLUMNS, raw, foreign_keys=True)
    yield _beside(name, ours.seconds, "COPY of the lines", checked)
    copied = _raw_copy("customers_orderline", LINE_COLUMNS, raw)
    yield _beside(name, ours.seconds, "COPY, no foreign keys", copied)
    yield Result("memory of that process above idle", round(ours.peak_mb), "MB", "limit", 60)


def _rate_of(peer: type[People], rows: int, path: Path) -> float:
    """Return how many customers a second the peer brings into the empty table."""
    with path.open() as file:
        text = "".join(islice(file, rows + 1))
    # In a process of its own: memory that it leaves behind would hide what our import takes.
    spawned = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned, initializer=django.setup) as process:
        took = process.submit(seconds, partial(bring_in, peer, text)).result()
    rate = Customer.objects.count() / took
    _execute("DELETE FROM customers_customer")
    _execute("VACUUM ANALYZE")
    return rate


def _written_customers() -> int:
    """Return how many rows of customers were ever inserted, updated or deleted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
            " WHERE relname = 'customers_customer'"
        )
        (rows,) = cursor.fetchone()
    return int(rows)


def _beside(name: str, ours: float, against: str, theirs: float) -> Result:
    return Result(name, round(ours, 1), "s", against, round(theirs, 1))


def _imported(path: Path, kind: str) -> Imported:
    jobs: list[ImportJob] = []
    idle = _start_of_peak()
    took = seconds(lambda: jobs.append(import_file(path, kind, at=NOW)))
    (job,) = jobs
    if job.state != "done":
        raise RuntimeError(job.refusal)
    job.file.delete(save=False)
    _execute("VACUUM ANALYZE")
    return Imported(took, _status("VmHWM") - idle, job)


def _raw_copy(table: str, columns: str, path: Path, *, foreign_keys: bool = False) -> float:
    """Time COPY from the client into an empty twin of the table, with every index that it has."""
    _execute(f"CREATE TABLE bench_twin (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY)")
    _execute(
        "CREATE SEQUENCE bench_ids;"
        " ALTER TABLE bench_twin ALTER id SET DEFAULT nextval('bench_ids')"
    )
    if foreign_keys:
        _execute(FOREIGN_KEYS.format(table=table))
    took = seconds(
        lambda: _copied(f"COPY bench_twin ({columns}) FROM STDIN (FORMAT csv, HEADER)", path)
    )
    _execute("DROP TABLE bench_twin; DROP SEQUENCE bench_ids")
    return took


def _copied(sql: str, path: Path) -> None:
    with path.open("rb") as file, connection.cursor() as cursor, cursor.copy(sql) as copy:
        while piece := file.read(1 << 16):
            copy.write(piece)


def _written(query: str, path: Path) -> Path:
    sql = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)"
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(sql) as copy:
        for piece in copy:
            file.write(piece)
    return path


def _execute(sql: str, params: dict[str, int] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _start_of_peak() -> float:
    """Let the kernel measure this process's peak anew, and return what it holds now, in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))
