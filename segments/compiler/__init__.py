"""From a rule to one query: the only place that knows what a rule means in the database."""

from segments.compiler.conditions import Compiler
from segments.compiler.counting import Funnel, funnel
from segments.compiler.explaining import Change, Explained, Seen, explain, next_change
from segments.compiler.flat import profiles_matching
from segments.compiler.previewing import Preview, TooMuchAtOnce, preview
from segments.compiler.reaching import reach_of
from segments.compiler.selecting import (
    matching,
    permitted,
    still_allowed,
    still_meant,
    still_standing,
)
from segments.compiler.splitting import Cell, MakeUp, make_up
from segments.compiler.telling import Told, told

__all__ = [
    "Cell",
    "Change",
    "Compiler",
    "Explained",
    "Funnel",
    "MakeUp",
    "Preview",
    "Seen",
    "Told",
    "TooMuchAtOnce",
    "explain",
    "funnel",
    "make_up",
    "matching",
    "next_change",
    "permitted",
    "preview",
    "profiles_matching",
    "reach_of",
    "still_allowed",
    "still_meant",
    "still_standing",
    "told",
]
