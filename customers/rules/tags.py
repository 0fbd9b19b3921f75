"""Tags: short words that staff and files put on customers."""

import unicodedata

LONGEST, MOST = 40, 30


def normal_tag(text: str) -> str:
    """Return the tag as we keep it, one spelling for all: lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).lower().split())
