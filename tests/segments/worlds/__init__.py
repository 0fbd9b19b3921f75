"""Small random worlds, and random rules to ask of them."""

from tests.segments.worlds.asking import rules
from tests.segments.worlds.people import (
    MISFITS,
    MOMENTS,
    RULE,
    SEGMENTS,
    SHOP,
    TYPES,
    Person,
    Row,
    purposes,
    worlds,
)
from tests.segments.worlds.settling import settle

__all__ = [
    "MISFITS",
    "MOMENTS",
    "RULE",
    "SEGMENTS",
    "SHOP",
    "TYPES",
    "Person",
    "Row",
    "purposes",
    "rules",
    "settle",
    "worlds",
]
