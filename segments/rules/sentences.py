"""A rule as a sentence in the language of whoever reads it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.dates import MONTHS
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from segments.enums import Combination, Operator, TraitType
from segments.rules.calendar import age
from segments.rules.language import Condition, Node, Rule, Scalar

PHRASES: dict[Operator, str | Promise] = {
    Operator.IS: gettext_lazy("%(trait)s is %(value)s"),
    Operator.IS_NOT: gettext_lazy("%(trait)s is not %(value)s"),
    Operator.ONE_OF: gettext_lazy("%(trait)s is one of %(values)s"),
    Operator.NONE_OF: gettext_lazy("%(trait)s is none of %(values)s"),
    Operator.CONTAINS: gettext_lazy("%(trait)s contains %(value)s"),
    Operator.STARTS_WITH: gettext_lazy("%(trait)s starts with %(value)s"),
    Operator.AT_LEAST: gettext_lazy("%(trait)s is at least %(value)s"),
    Operator.AT_MOST: gettext_lazy("%(trait)s is at most %(value)s"),
    Operator.EXACTLY: gettext_lazy("%(trait)s is exactly %(value)s"),
    Operator.BETWEEN: gettext_lazy("%(trait)s is between %(first)s and %(last)s"),
    Operator.BEFORE: gettext_lazy("%(trait)s is before %(value)s"),
    Operator.SINCE: gettext_lazy("%(trait)s is on or after %(value)s"),
    Operator.IN_LAST: ngettext_lazy(
        "%(trait)s is in the last %(count)d day",
        "%(trait)s is in the last %(count)d days",
        "count",
    ),
    Operator.LONGER_AGO: ngettext_lazy(
        "%(trait)s is more than %(count)d day ago",
        "%(trait)s is more than %(count)d days ago",
        "count",
    ),
    Operator.IN_NEXT: ngettext_lazy(
        "%(trait)s is in the next %(count)d day",
        "%(trait)s is in the next %(count)d days",
        "count",
    ),
    Operator.THIS_MONTH: gettext_lazy("%(trait)s is this month"),
    Operator.IN_MONTH: gettext_lazy("%(trait)s is in %(month)s"),
    Operator.YES: gettext_lazy("%(trait)s: yes"),
    Operator.NO: gettext_lazy("%(trait)s: no"),
    Operator.ANY_OF: gettext_lazy("%(trait)s includes any of %(values)s"),
    Operator.ALL_OF: gettext_lazy("%(trait)s includes all of %(values)s"),
    Operator.WITHOUT: gettext_lazy("%(trait)s includes none of %(values)s"),
    Operator.DID: gettext_lazy("%(trait)s at least once"),
    Operator.DID_NOT: gettext_lazy("%(trait)s not once"),
    Operator.KNOWN: gettext_lazy("%(trait)s is known"),
    Operator.NOT_KNOWN: gettext_lazy("%(trait)s is not known"),
}

# "Ordered at least 2 times", where "age is at least 2".
PHRASES_OF_TIMES: dict[Operator, str | Promise] = {
    Operator.AT_LEAST: ngettext_lazy(
        "%(trait)s at least %(count)d time", "%(trait)s at least %(count)d times", "count"
    ),
    Operator.AT_MOST: ngettext_lazy(
        "%(trait)s at most %(count)d time", "%(trait)s at most %(count)d times", "count"
    ),
    Operator.EXACTLY: ngettext_lazy(
        "%(trait)s exactly %(count)d time", "%(trait)s exactly %(count)d times", "count"
    ),
}
PERIOD = ngettext_lazy("in the last %(count)d day", "in the last %(count)d days", "count")


def sentence(rule: Rule) -> str:
    """Return the rule in words, in the active language, starting with a capital."""
    said = _said(rule.root, outermost=True)
    return said[:1].upper() + said[1:]


def sentence_of_condition(condition: Condition) -> str:
    """Return one condition in words, starting with a capital."""
    said = _said_of_condition(condition)
    return said[:1].upper() + said[1:]


def value_in_words(condition: Condition, value: Any, *, on: date) -> str:
    """Return what was seen of a person as they would say it; "" for nothing.

    ``on`` is the day it is in the shop: of a birth date, an age is shown where one was asked.
    """
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if condition.trait.type == TraitType.AGE:
        return str(age(value, on=on))
    if condition.trait.type == TraitType.BIRTHDAY:
        return date_format(value, "MONTH_DAY_FORMAT")
    if isinstance(value, datetime):
        return date_format(localtime(value), "SHORT_DATE_FORMAT")
    return _shown(value, condition)


def label_of_operator(operator: Operator, of: TraitType) -> str:
    """Return how the operator is offered for a type."""
    if of == TraitType.TIMES and operator in PHRASES_OF_TIMES:
        return _("%(operator)s … times") % {"operator": operator.label}
    return str(operator.label)


def _said(node: Node, *, outermost: bool = False) -> str:
    if isinstance(node, Condition):
        return _said_of_condition(node)
    glue = _(" and ") if node.combination == Combination.ALL else _(" or ")
    parts = glue.join(_said(part) for part in node.parts)
    if node.combination == Combination.NONE:
        return _("not (%(parts)s)") % {"parts": parts}
    return parts if outermost or len(node.parts) == 1 else f"({parts})"


def _said_of_condition(condition: Condition) -> str:
    said = str(_phrase(condition) % _words(condition))
    if condition.window:
        said = f"{said} {PERIOD % {'count': condition.window.days}}"
    for name, value in condition.where.items():
        label = _in_the_middle(str(condition.trait.filters[name].label))
        said = _("%(said)s, %(label)s %(value)s") % {"said": said, "label": label, "value": value}
    if condition.unknown:
        said = _("%(said)s (or not known)") % {"said": said}
    return said


def _phrase(condition: Condition) -> str | Promise:
    operator, value = condition.operator, condition.value
    if operator == Operator.IN_NEXT and value == 0:
        return _("%(trait)s is today")
    if condition.trait.type == TraitType.TIMES and operator in PHRASES_OF_TIMES:
        return PHRASES_OF_TIMES[operator]
    return PHRASES[operator]


def _words(condition: Condition) -> dict[str, Any]:
    words: dict[str, Any] = {"trait": _in_the_middle(str(condition.trait.label))}
    value = condition.value
    if value is None:
        return words
    if isinstance(value, tuple):
        shown = [_shown(one, condition) for one in value]
        return {**words, "values": ", ".join(shown), "first": shown[0], "last": shown[-1]}
    if isinstance(value, int):
        words |= {"count": value, "month": MONTHS.get(value, "")}
    return {**words, "value": _shown(value, condition)}


def _shown(value: Scalar, condition: Condition) -> str:
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if condition.trait.type == TraitType.MONEY:
        return str(number_format(value, decimal_pos=2, force_grouping=True))
    if isinstance(value, Decimal):
        return str(number_format(value.normalize() if value % 1 else int(value)))
    if condition.trait.choices:
        return str(dict(condition.trait.choices()).get(str(value), value))
    return str(value)


def _in_the_middle(label: str) -> str:
    """Return the label as it stands inside a sentence; RFM and the like keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
