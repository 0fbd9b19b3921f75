"""Invariant I12: nobody but the predicate and the projector reads what permissions say."""

import re
from pathlib import Path

from django.conf import settings

COLUMNS = re.compile(r"permissions?__(channel_|data_|valid_until)|consent_permission\b")
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
