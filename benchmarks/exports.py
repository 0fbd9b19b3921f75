"""A million customers as a file, against COPY of the same columns to the client."""

from collections.abc import Iterator
from functools import partial

from django.db import connection

from benchmarks.imports import NOW, PEOPLE, ROWS, _execute, _start_of_peak, _status
from benchmarks.race import Result, seconds
from common.enums import FileFormat
from common.exports import Wanted, file_of
from common.models import User
from customers.exports import CUSTOMERS
from customers.models import Customer

FILL = """
INSERT INTO customers_customer (
    external_id, first_name, last_name, tax_id, email, phone, birth_date, gender, language,
    timezone, country, state, city, postal_code, stage, interests, attributes, registered_at,
    created_at, updated_at
)
SELECT external_id, first_name, last_name, '', email, phone, birth_date, gender, '', '', 'BR',
       state, city, postal_code, 'customer', '{}', '{}', registered_at, now(), now()
FROM bench_people;
INSERT INTO customers_customermetrics (customer_id, order_count, spend, last_order_at)
SELECT id, 3, 123.45, now() FROM customers_customer
"""
COPIED = """
COPY (
    SELECT external_id, first_name, last_name, email, phone, birth_date, gender, language,
           timezone, country, state, city, postal_code, stage, interests, registered_at,
           order_count, spend, first_order_at, last_order_at, recency_score, frequency_score,
           monetary_score, attributes
    FROM customers_customer c LEFT JOIN customers_customermetrics m ON m.customer_id = c.id
    ORDER BY registered_at DESC, c.id DESC
) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)
"""


def run() -> Iterator[Result]:
    _execute(PEOPLE, {"rows": ROWS})
    _execute(FILL)
    _execute("VACUUM ANALYZE")
    analyst = User.objects.create(username="analyst")
    copied = seconds(_copy)
    for file_format in FileFormat:
        idle = _start_of_peak()
        took = seconds(partial(_take, file_format, by=analyst))
        name = f"{ROWS:,} customers as {file_format.value}"
        yield Result(name, round(took, 1), "s", "COPY TO STDOUT", round(copied, 1))
        peak = round(_status("VmHWM") - idle)
        yield Result(f"memory of {file_format.value} above idle", peak, "MB", "limit", 60)


def _take(file_format: FileFormat, *, by: User) -> None:
    """Write the file as a request does, and let each piece go as a server does."""
    rows = Customer.objects.present().order_by("-registered_at", "-id")
    answer = file_of(CUSTOMERS, rows, wanted=Wanted(file_format), by=by, at=NOW)
    for _piece in answer:
        pass


def _copy() -> None:
    with connection.cursor() as cursor, cursor.copy(COPIED) as copy:
        for _piece in copy:
            pass
