"""From a rule to one query: the only place that knows what a rule means in the database."""

from segments.compiler.conditions import Compiler
from segments.compiler.counting import Funnel, funnel
from segments.compiler.explaining import Answer, explain
from segments.compiler.previewing import Preview, TooMuchAtOnce, preview
from segments.compiler.reaching import reach_of
from segments.compiler.selecting import matching, still_meant

__all__ = [
    "Answer",
    "Compiler",
    "Funnel",
    "Preview",
    "TooMuchAtOnce",
    "explain",
    "funnel",
    "matching",
    "preview",
    "reach_of",
    "still_meant",
]
