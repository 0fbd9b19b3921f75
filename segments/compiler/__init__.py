"""From a rule to one query: the only place that knows what a rule means in the database."""

from segments.compiler.comparing import Changes, Side, changes
from segments.compiler.conditions import Compiler
from segments.compiler.counting import Funnel, funnel
from segments.compiler.explaining import Change, Explained, Seen, explain, next_change
from segments.compiler.flat import FlatCompiler, profiles_matching
from segments.compiler.linting import lint
from segments.compiler.metering import Meter, meter
from segments.compiler.previewing import TooMuchAtOnce, count, sample, total_of
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
    "Changes",
    "Compiler",
    "Explained",
    "FlatCompiler",
    "Funnel",
    "MakeUp",
    "Meter",
    "Seen",
    "Side",
    "Told",
    "TooMuchAtOnce",
    "changes",
    "count",
    "explain",
    "funnel",
    "lint",
    "make_up",
    "matching",
    "meter",
    "next_change",
    "permitted",
    "profiles_matching",
    "reach_of",
    "sample",
    "still_allowed",
    "still_meant",
    "still_standing",
    "told",
    "total_of",
]
