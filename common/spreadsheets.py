"""Cells that a spreadsheet may open."""

import re

# A spreadsheet takes a cell that begins so for a formula, and may run what it says.
FORMULA = re.compile(r" *[=+\-@\t\r\0＝＋－＠]")  # noqa: RUF001 -- the full-width signs count too


def harmless(cell: str) -> str:
    """Return the text as a cell that no spreadsheet computes: ``=1+1`` becomes ``'=1+1``."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def as_meant(cell: str) -> str:
    """Return what ``harmless`` was given."""
    return cell[1:] if cell[:1] == "'" and FORMULA.match(cell, 1) else cell
