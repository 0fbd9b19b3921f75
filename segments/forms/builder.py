"""What the builder's script is told: all that can be asked, in the reader's language."""

from typing import Any

from django.conf import settings
from django.utils.dates import MONTHS

from common.templatetags.clientela import currency
from segments.enums import Combination, TraitType
from segments.forms.words import words
from segments.models import Segment
from segments.queries import traits
from segments.rules import OPERATORS, SHAPES, Detail, Trait, label_of_measure
from segments.rules.reading import LONGEST_CHAIN, MOST_CONDITIONS, MOST_LEVELS

Told = dict[str, Any]


def builder_settings(urls: dict[str, str], *, segment: Segment | None = None) -> Told:
    """Return everything that the builder's script shows, for a new segment or a changed one."""
    return {
        "urls": urls,
        "country": settings.SHOP_COUNTRY,
        "currency": currency(),
        "segment": segment.pk if segment else None,
        "limits": {
            "levels": MOST_LEVELS,
            "conditions": MOST_CONDITIONS,
            "chain": LONGEST_CHAIN,
        },
        "combinations": [{"code": code, "label": label} for code, label in Combination.choices],
        "operators": {of.value: _operators(of) for of in TraitType},
        "traits": [_trait(trait, segment) for trait in _in_groups()],
        "months": [{"value": number, "label": str(name)} for number, name in MONTHS.items()],
        "texts": words(),
    }


def _in_groups() -> list[Trait]:
    """Return the traits, those of a group together, the groups as they were declared."""
    known = list(traits().values())
    groups = list(dict.fromkeys(str(trait.group) for trait in known))
    return sorted(known, key=lambda trait: groups.index(str(trait.group)))


def _operators(of: TraitType) -> dict[str, Told]:
    return {
        operator.value: {"label": str(operator.label), "shape": SHAPES[operator].value}
        for operator in OPERATORS[of]
    }


def _trait(trait: Trait, segment: Segment | None) -> Told:
    return {
        **_asked(trait),
        "code": trait.code,
        "group": str(trait.group),
        "words": f"{trait.words} {trait.category.label}",
        "choices": [one for one in _choices(trait) if not _is_itself(trait, one, segment)],
        "suggests": trait.suggest is not None or bool(trait.by),
        "hasWindow": trait.has_window,
        "canFollow": trait.has_window and trait.type == TraitType.TIMES,
        "mayBeMissing": trait.may_be_missing,
        "details": [
            {
                **_asked(detail),
                "code": code,
                "suggests": detail.suggest is not None,
                "measures": [
                    {
                        "code": measure.value,
                        "label": label_of_measure(measure, name=code, trait=trait),
                    }
                    for measure in detail.measures
                ],
            }
            for code, detail in trait.details.items()
        ],
    }


def _asked(asked: Trait | Detail) -> Told:
    return {
        "label": str(asked.label),
        "type": asked.type.value,
        "operators": [operator.value for operator in asked.operators],
        "choices": _choices(asked),
        "isWhole": asked.is_whole,
    }


def _choices(asked: Trait | Detail) -> list[dict[str, str]]:
    offered = asked.choices() if asked.choices else ()
    return [{"value": value, "label": str(label)} for value, label in offered]


def _is_itself(trait: Trait, choice: dict[str, str], segment: Segment | None) -> bool:
    """Say whether it is the segment that is being changed: none asks for itself."""
    return trait.is_segment and segment is not None and choice["value"] == str(segment.pk)
