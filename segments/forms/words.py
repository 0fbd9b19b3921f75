"""The builder's own words; a number in them is filled in by the script, in the form that fits."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from segments.rules.reading import MOST_CONDITIONS, MOST_LEVELS


def words() -> dict[str, Any]:
    """Return the builder's texts by the name that the script knows them by."""
    return {**_of_parts(), **_of_values(), **_of_refinements(), **_of_answers()}


def _forms(of: Callable[[int], str]) -> dict[str, str]:
    """Return a text for one and for many; the script asks the browser which it is."""
    return {"one": of(1), "other": of(2)}


def _of_parts() -> dict[str, Any]:
    return {
        "rule": _("Rule"),
        "and": _("and"),
        "or": _("or"),
        "nor": _("nor"),
        "combination": _("How the parts count together"),
        "partOf": _("%(name)s, %(place)s of %(of)s"),
        "addCondition": _("Condition"),
        "addGroup": _("Group"),
        "fullOfConditions": _("A rule has at most %(most)d conditions.")
        % {"most": MOST_CONDITIONS},
        "deepEnough": _("Groups are nested at most %(most)d deep.") % {"most": MOST_LEVELS},
        "handle": _("Move: drag, or Alt and the arrows"),
        "more": _("What to do with “%(name)s”"),
        "remove": _("Remove “%(name)s”"),
        "moves": {
            "up": _("Move up"),
            "down": _("Move down"),
            "into": _("Move into the group beside it"),
            "out": _("Move out of the group"),
        },
        "duplicate": _("Duplicate"),
        "wrap": _("Put into a group of its own"),
        "added": _("“%(name)s” added."),
        "removed": _("“%(name)s” removed."),
        "moved": _("“%(name)s” is now %(place)s of %(of)s."),
        "undone": _("Undone."),
        "redone": _("Done again."),
    }


def _of_values() -> dict[str, Any]:
    return {
        "askAbout": _("What to ask about:"),
        "chooseTrait": _("Choose what to ask about"),
        "searchTraits": _("Search: orders, city, birthday …"),
        "noTrait": _("Nothing is called that. Try another word."),
        "compare": _("How to compare"),
        "value": _("Value"),
        "from": _("From"),
        "to": _("To"),
        "until": _("until"),
        "days": _("days"),
        "months": _("months"),
        "times": _("times"),
        "unit": _("Days or months"),
        "day": _("Day"),
        "month": _("Month"),
        "kilometres": _("Kilometres"),
        "kmFrom": _("km from"),
        "city": _("City, country"),
        "addValue": _("Add a value"),
        "removeValue": _("Remove %(value)s"),
        "unknown": _("also those with no value"),
    }


def _of_refinements() -> dict[str, Any]:
    return {
        "measure": _("What to measure"),
        "howOften": _("how often"),
        "when": _("When"),
        "windows": {
            "ever": _("ever"),
            "last": _("in the last"),
            "dates": _("between two dates"),
            "ago": _("between days ago"),
            "since": _("since the last time of"),
        },
        "longerAgo": _("Longest ago, in days"),
        "shorterAgo": _("Shortest ago, in days"),
        "daysAgo": _("days ago"),
        "where": _("Where"),
        "detail": _("Which detail"),
        "removeWhere": _("Remove this detail"),
        "sequence": _("What followed"),
        "andThen": _("and then"),
        "andThenNot": _("and then not"),
        "within": _("within"),
        "removeThen": _("Remove what followed"),
        "addMeasure": _("Add up"),
        "addWhen": _("When"),
        "addWhere": _("Where"),
        "addThen": _("And then"),
    }


def _of_answers() -> dict[str, Any]:
    return {
        "people": _forms(lambda n: ngettext("%(count)s person", "%(count)s people", n)),
        "left": _("%(count)s left"),
        "ofEverybody": _("%(share)s of the %(everybody)s people it may look at"),
        "heldBack": _(
            "%(count)s more would fit, but have not allowed the use of these data for this "
            "purpose."
        ),
        "show": _("Show"),
        "failed": _("The count could not be asked for. Check the connection."),
        "incomplete": _("The rule is not complete yet."),
        "fillIn": _("Start from it and fill it in to count."),
        "changes": _("Against the saved version"),
        "noChanges": _("The same people as now."),
        "entering": _forms(
            lambda n: ngettext(
                "%(count)s person would come in", "%(count)s people would come in", n
            )
        ),
        "leaving": _forms(
            lambda n: ngettext("%(count)s person would leave", "%(count)s people would leave", n)
        ),
        "meter": _("What the rule may look at"),
        "meterLine": _("%(label)s: %(allowed)s of %(people)s allow it"),
        "reach": _forms(
            lambda n: ngettext(
                "%(count)s can be reached by e-mail for this purpose.",
                "%(count)s can be reached by e-mail for this purpose.",
                n,
            )
        ),
        "sample": _("For example"),
    }
