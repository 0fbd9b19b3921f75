"""A rule as a sentence in the language of whoever reads it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.utils.dates import MONTHS
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from common.templatetags.clientela import money
from segments.enums import Combination, Measure, Operator, TraitType
from segments.rules.calendar import age
from segments.rules.language import (
    Around,
    Condition,
    Measured,
    Narrowing,
    Node,
    Period,
    Rule,
    Scalar,
    Then,
    Value,
    Window,
)
from segments.rules.traits import Trait
from segments.rules.values import Asked

PHRASES: dict[Operator, str | Promise] = {
    Operator.IS: gettext_lazy("%(trait)s is %(value)s"),
    Operator.IS_NOT: gettext_lazy("%(trait)s is not %(value)s"),
    Operator.ONE_OF: gettext_lazy("%(trait)s is one of %(values)s"),
    Operator.NONE_OF: gettext_lazy("%(trait)s is none of %(values)s"),
    Operator.CONTAINS: gettext_lazy("%(trait)s contains %(value)s"),
    Operator.NOT_CONTAINS: gettext_lazy("%(trait)s does not contain %(value)s"),
    Operator.STARTS_WITH: gettext_lazy("%(trait)s starts with %(value)s"),
    Operator.ENDS_WITH: gettext_lazy("%(trait)s ends with %(value)s"),
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
    Operator.DAYS_AGO: ngettext_lazy(
        "%(trait)s was exactly %(count)d day ago",
        "%(trait)s was exactly %(count)d days ago",
        "count",
    ),
    Operator.IN_NEXT: ngettext_lazy(
        "%(trait)s is in the next %(count)d day",
        "%(trait)s is in the next %(count)d days",
        "count",
    ),
    Operator.IN_DAYS: ngettext_lazy(
        "%(trait)s is in exactly %(count)d day",
        "%(trait)s is in exactly %(count)d days",
        "count",
    ),
    Operator.ANNIVERSARY: ngettext_lazy(
        "%(trait)s has its anniversary in the next %(count)d day",
        "%(trait)s has its anniversary in the next %(count)d days",
        "count",
    ),
    Operator.THIS_MONTH: gettext_lazy("%(trait)s is this month"),
    Operator.IN_MONTH: gettext_lazy("%(trait)s is in %(month)s"),
    Operator.ON_DAY: gettext_lazy("%(trait)s is on %(day)s"),
    Operator.YES: gettext_lazy("%(trait)s: yes"),
    Operator.NO: gettext_lazy("%(trait)s: no"),
    Operator.ANY_OF: gettext_lazy("%(trait)s includes any of %(values)s"),
    Operator.ALL_OF: gettext_lazy("%(trait)s includes all of %(values)s"),
    Operator.WITHOUT: gettext_lazy("%(trait)s includes none of %(values)s"),
    Operator.DID: gettext_lazy("%(trait)s at least once"),
    Operator.DID_NOT: gettext_lazy("%(trait)s not once"),
    Operator.KNOWN: gettext_lazy("%(trait)s is known"),
    Operator.NOT_KNOWN: gettext_lazy("%(trait)s is not known"),
    Operator.INSIDE: gettext_lazy("is in %(values)s"),
    Operator.OUTSIDE: gettext_lazy("is not in %(values)s"),
    Operator.NEAR: gettext_lazy("%(trait)s at most %(km)d km from %(city)s (%(country)s)"),
    Operator.FAR: gettext_lazy("%(trait)s more than %(km)d km from %(city)s (%(country)s)"),
}
PHRASES_OF_MONTHS: dict[Operator, str | Promise] = {
    Operator.IN_LAST: ngettext_lazy(
        "%(trait)s is in the last %(count)d month",
        "%(trait)s is in the last %(count)d months",
        "count",
    ),
    Operator.LONGER_AGO: ngettext_lazy(
        "%(trait)s is more than %(count)d month ago",
        "%(trait)s is more than %(count)d months ago",
        "count",
    ),
    Operator.DAYS_AGO: ngettext_lazy(
        "%(trait)s was exactly %(count)d month ago",
        "%(trait)s was exactly %(count)d months ago",
        "count",
    ),
}
# "Is today", where "in the next 0 days" would be odd.
PHRASES_OF_TODAY: dict[Operator, str | Promise] = {
    Operator.IN_NEXT: gettext_lazy("%(trait)s is today"),
    Operator.IN_DAYS: gettext_lazy("%(trait)s is today"),
    Operator.ANNIVERSARY: gettext_lazy("%(trait)s has its anniversary today"),
}
# "Registered is in May of any year", where "birthday is in May".
PHRASES_OF_ANY_YEAR: dict[Operator, str | Promise] = {
    Operator.THIS_MONTH: gettext_lazy("%(trait)s has its anniversary this month"),
    Operator.IN_MONTH: gettext_lazy("%(trait)s is in %(month)s of any year"),
    Operator.ON_DAY: gettext_lazy("%(trait)s is on %(day)s of any year"),
}
LABELS_OF_ANY_YEAR: dict[Operator, str | Promise] = {
    Operator.THIS_MONTH: gettext_lazy("has its anniversary this month"),
    Operator.IN_MONTH: gettext_lazy("of any year, in the month"),
    Operator.ON_DAY: gettext_lazy("of any year, on the day"),
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
PHRASE_OF_SHARE = gettext_lazy("%(trait)s from %(first)s to %(last)s %%")
MEASURES: dict[Measure, str | Promise] = {
    Measure.SUM: gettext_lazy("sum of %(detail)s of %(rows)s"),
    Measure.AVERAGE: gettext_lazy("average %(detail)s of %(rows)s"),
    Measure.SMALLEST: gettext_lazy("smallest %(detail)s of %(rows)s"),
    Measure.LARGEST: gettext_lazy("largest %(detail)s of %(rows)s"),
    Measure.FIRST: gettext_lazy("first %(detail)s of %(rows)s"),
    Measure.LAST: gettext_lazy("last %(detail)s of %(rows)s"),
}
LAST_DAYS = ngettext_lazy("in the last %(count)d day", "in the last %(count)d days", "count")
LAST_MONTHS = ngettext_lazy("in the last %(count)d month", "in the last %(count)d months", "count")
WITHIN = ngettext_lazy("within %(count)d day", "within %(count)d days", "count")


def sentence(rule: Rule) -> str:
    """Return the rule in words, in the active language, starting with a capital."""
    said = _said(rule.root, outermost=True)
    return said[:1].upper() + said[1:]


def sentence_of_condition(condition: Condition) -> str:
    """Return one condition in words, starting with a capital."""
    said = said_of_condition(condition)
    return said[:1].upper() + said[1:]


def value_in_words(condition: Condition, value: Any, *, on: date) -> str:
    """Return what was seen of a person as they would say it; "" for nothing.

    ``on`` is the day it is where they are: of a birth date, an age is shown where one was asked.
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
    asked = condition.measured.detail if condition.measured else condition.trait
    return _shown(value, asked, _names(asked))


def label_of_operator(operator: Operator, of: TraitType) -> str:
    """Return how the operator is offered for a type."""
    if of == TraitType.TIMES and operator in PHRASES_OF_TIMES:
        return _("%(operator)s … times") % {"operator": operator.label}
    if of != TraitType.BIRTHDAY and operator in LABELS_OF_ANY_YEAR:
        return str(LABELS_OF_ANY_YEAR[operator])
    return str(operator.label)


def label_of_measure(measure: Measure, *, name: str, trait: Trait) -> str:
    """Return how a measure of a detail is offered: "sum of amount of orders"."""
    return _measured(Measured(measure, name, trait.details[name]), trait)


def _said(node: Node, *, outermost: bool = False) -> str:
    if isinstance(node, Condition):
        return said_of_condition(node)
    glue = _(" and ") if node.combination == Combination.ALL else _(" or ")
    # Whoever stands alone needs no brackets of their own.
    is_open = len(node.parts) == 1 and (outermost or node.combination == Combination.NONE)
    parts = glue.join(_said(part, outermost=is_open) for part in node.parts)
    if node.combination == Combination.NONE:
        return _("not (%(parts)s)") % {"parts": parts}
    return parts if outermost or len(node.parts) == 1 else f"({parts})"


def said_of_condition(condition: Condition) -> str:
    """Return one condition in words, as it stands inside a sentence."""
    asked = condition.measured.detail if condition.measured else condition.trait
    said = _compared(condition.operator, condition.value, asked, called=_called(condition))
    if condition.window:
        said = f"{said} {_period(condition.window)}"
    if condition.where:
        narrowed = _(" and ").join(_narrowed(one) for one in condition.where)
        said = _("%(said)s, where %(narrowed)s") % {"said": said, "narrowed": narrowed}
    if condition.then:
        said = _followed(said, condition.then)
    if condition.unknown:
        said = _("%(said)s (or not known)") % {"said": said}
    return said


def _called(condition: Condition) -> str:
    if condition.measured is None:
        return _in_the_middle(str(condition.trait.label))
    return _measured(condition.measured, condition.trait)


def _measured(measured: Measured, trait: Trait) -> str:
    rows = (trait.rows.label if trait.rows else "") or trait.label
    names = {
        "detail": _in_the_middle(str(measured.detail.label)),
        "rows": _in_the_middle(str(rows)),
    }
    return str(MEASURES[measured.measure] % names)


def _narrowed(one: Narrowing) -> str:
    called = _in_the_middle(str(one.detail.label))
    return _compared(one.operator, one.value, one.detail, called=called)


def _followed(said: str, then: Then) -> str:
    within = str(WITHIN % {"count": then.within.days})
    words = {"said": said, "then": _happened(then.condition), "within": within}
    if then.condition.operator == Operator.DID_NOT:
        return _("%(said)s, and then not %(then)s %(within)s") % words
    return _("%(said)s, and then %(then)s %(within)s") % words


def _happened(condition: Condition) -> str:
    """Return what happens along the way, without how often."""
    said = _in_the_middle(str(condition.trait.label))
    if condition.where:
        narrowed = _(" and ").join(_narrowed(one) for one in condition.where)
        said = _("%(said)s, where %(narrowed)s") % {"said": said, "narrowed": narrowed}
    return _followed(said, condition.then) if condition.then else said


def _period(window: Window) -> str:
    if window.last:
        phrase = LAST_MONTHS if window.last.months else LAST_DAYS
        return str(phrase % {"count": window.last.months or window.last.days})
    if window.ago:
        furthest, nearest = window.ago
        words = {"furthest": furthest, "nearest": nearest}
        return _("between %(furthest)d and %(nearest)d days ago") % words
    if window.since:
        return _("since the last time of: %(happened)s") % {"happened": _happened(window.since)}
    return _between(window.first, window.until)


def _between(first: date | None, until: date | None) -> str:
    words = {name: _day(day) for name, day in (("first", first), ("last", until)) if day}
    if first and until:
        return _("from %(first)s to %(last)s") % words
    return (_("from %(first)s on") if first else _("until %(last)s")) % words


def _compared(operator: Operator, value: Value, asked: Asked, *, called: str) -> str:
    words = {"trait": called, **_words(value, asked)}
    if operator == Operator.ON_DAY:
        words["day"] = _day_of_year(cast(str, value))
    return str(_phrase(operator, value, asked) % words)


def _phrase(operator: Operator, value: Value, asked: Asked) -> str | Promise:
    if value == 0 and operator in PHRASES_OF_TODAY:
        return PHRASES_OF_TODAY[operator]
    if isinstance(value, Period) and value.months:
        return PHRASES_OF_MONTHS[operator]
    if asked.type == TraitType.TIMES and operator in PHRASES_OF_TIMES:
        return PHRASES_OF_TIMES[operator]
    if asked.type != TraitType.BIRTHDAY and operator in PHRASES_OF_ANY_YEAR:
        return PHRASES_OF_ANY_YEAR[operator]
    return PHRASE_OF_SHARE if asked.type == TraitType.SHARE else PHRASES[operator]


def _words(value: Value, asked: Asked) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, Period):
        return {"count": value.months or value.days}
    if isinstance(value, Around):
        return {"km": value.km, "city": value.city, "country": value.country}
    if isinstance(value, tuple):
        # How the choices are called is looked up once for all.
        names = _names(asked)
        shown = [_shown(one, asked, names) for one in value]
        return {"values": ", ".join(shown), "first": shown[0], "last": shown[-1]}
    words: dict[str, Any] = {"value": _shown(value, asked, _names(asked))}
    if isinstance(value, int):
        words |= {"count": value, "month": MONTHS.get(value, "")}
    return words


def _names(asked: Asked) -> dict[str, str | Promise]:
    return {str(code): label for code, label in asked.choices()} if asked.choices else {}


def _shown(value: Scalar, asked: Asked, names: Mapping[str, str | Promise]) -> str:
    if isinstance(value, date):
        return _day(value)
    if asked.type == TraitType.MONEY:
        return money(str(value))
    if isinstance(value, Decimal):
        return str(number_format(value.normalize() if value % 1 else int(value)))
    if names:
        return str(names.get(str(value), value))
    if isinstance(asked, Trait) and asked.called:
        return asked.called(str(value))
    return str(value)


def _day(day: date) -> str:
    return str(date_format(day, "SHORT_DATE_FORMAT"))


def _day_of_year(value: str) -> str:
    return str(date_format(date.fromisoformat(f"2000-{value}"), "MONTH_DAY_FORMAT"))


def _in_the_middle(label: str) -> str:
    """Return the label as it stands inside a sentence; RFM and the like keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
