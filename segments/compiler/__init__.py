"""From a rule to one query: the only place that knows what a rule means in the database."""

from segments.compiler.conditions import Compiler
from segments.compiler.counting import Funnel, funnel
from segments.compiler.selecting import matching

__all__ = ["Compiler", "Funnel", "funnel", "matching"]
