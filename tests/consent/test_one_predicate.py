"""Invariant I12: nobody but the predicate and the projector reads what permissions say."""

import re
from pathlib import Path

from django.conf import settings

from consent.models import Permission

ANSWERS = "|".join(
    field.name for field in Permission._meta.fields if field.name.startswith(("channel_", "data_"))
)
# By the table, by a relation, or from a row that was read: by its name, or by one put together.
COLUMNS = re.compile(
    r"consent_permission\b|permissions?__(channel_|data_|valid_until)"
    rf"|\.({ANSWERS})\b|getattr\(.*(channel|data|\{{\w+}})_\{{"
)
APPS = ("common", "customers", "consent", "segments", "campaigns", "loyalty", "config")
MAY = {
    # What choices add up to: the only writers.
    "consent/operations/choices.py",
    # Which files change the table; nothing is read.
    "consent/importers.py",
    "segments/importers.py",
}


def test_nobody_else_reads_the_columns_of_permission():
    root = Path(settings.BASE_DIR)
    found = {
        str(file.relative_to(root))
        for app in APPS
        for file in (root / app).rglob("*.py")
        if "migrations" not in file.parts and COLUMNS.search(file.read_text())
    }

    assert {name for name in found if not name.startswith("consent/queries/")} - MAY == set()
