"""What a file of a kind may look like: one row, to begin from."""

import csv
from datetime import date
from io import StringIO

from django.utils.text import capfirst

from customers.enums import CellType
from customers.rules.files import Column, FileKind

# By the name of the column; what is empty here may stay empty.
EXAMPLES = {
    "external_id": "C-1001", "customer": "C-1001", "first_name": "Ana", "last_name": "Souza",
    "email": "ana@example.com", "phone": "+55 11 91234-5678", "tax_id": "111.444.777-35",
    "birth_date": "1990-05-31", "language": "pt-br", "timezone": "America/Sao_Paulo",
    "country": "BR", "state": "SP", "city": "Campinas", "postal_code": "13010-000",
    "interests": "coffee|tea", "tags": "vip|club", "sku": "SKU-7", "name": "Coffee 500 g",
    "category": "Grocery > Coffee", "order": "O-2001", "cart": "K-3001", "case": "T-4001",
    "store": "Centro", "number": "1", "returned_quantity": "0", "discount": "0.00",
    "subject": "Late delivery", "text": "", "resolved_at": "", "resolution": "",
    "purpose": "marketing", "offer": "Natal", "reference": "R-5001", "note": "",
}  # fmt: skip
OF_TYPE = {CellType.MONEY: "49.90", CellType.NUMBER: "1", CellType.WHOLE: "1"}


def example_csv(kind: FileKind, *, today: date, local: bool) -> str:
    """Return a header in the reader's language and a row; ``local`` as Excel in Brazil writes."""
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=";" if local else ",")
    writer.writerow([capfirst(str(column.label)) for column in kind.columns])
    writer.writerow([_cell(column, today=today, local=local) for column in kind.columns])
    return buffer.getvalue()


def _cell(column: Column, *, today: date, local: bool) -> str:
    text = _example(column, today=today)
    if not (local and text):
        return text
    if column.type == CellType.DATE:
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    if column.type == CellType.MOMENT:
        day, time = text.split(" ")
        return f"{date.fromisoformat(day):%d/%m/%Y} {time}"
    return text.replace(".", ",") if column.type == CellType.MONEY else text


def _example(column: Column, *, today: date) -> str:
    if column.example is not None:
        return column.example
    choices = column.choices_now() if column.choices_now else column.choices
    if choices:
        return next(iter(choices))
    if column.name in EXAMPLES:
        return EXAMPLES[column.name]
    if column.type == CellType.DATE:
        return f"{today.year + 1}-12-31"
    if column.type == CellType.MOMENT:
        return f"{today.year - 1}-12-31 10:30"
    return OF_TYPE.get(column.type, "")
