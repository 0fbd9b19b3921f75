"""The file with all that is held about somebody: how long it waits, and whom it answers."""

from datetime import timedelta

from consent.enums import RequestKind

ANSWERED = (RequestKind.ACCESS, RequestKind.PORTABILITY)

# From the moment it is ready; then the file goes, taken or not.
KEPT_FOR = timedelta(hours=72)
# So long the page can still say what became of a link.
REMEMBERED_FOR = timedelta(days=30)
# What killed the worker every time is left to people.
TRIES = 5
