"""Rules that are right, and that PostgreSQL fails at all the same."""

from django.db.models import DateTimeField, DecimalField, ExpressionWrapper, F, Func, Value

from customers.enums import Category
from segments import queries
from segments.enums import TraitType
from segments.rules import Trait

# Of nobody they divide nothing: it fails as soon as there is somebody.
NOTHING = F("pk") - F("pk")
NUMBER = ExpressionWrapper(Value(1) / NOTHING, output_field=DecimalField())
MOMENT = Func(
    Value("2026-01-01"),
    NOTHING,
    template="(%(expressions)s)",
    arg_joiner="::timestamptz + interval '1 day' / ",
    output_field=DateTimeField(),
)
DIVIDES = {"all": [{"trait": "test.number", "operator": "at_least", "value": 1}]}
BEGINS = {"all": [{"trait": "test.moment", "operator": "in_last", "value": 30}]}
EVERY_DAY = {"all": [{"trait": "test.moment", "operator": "days_ago", "value": 30}]}


def declare_failing(monkeypatch) -> None:
    """Declare two traits that divide by zero, as an app's traits.py would."""
    for name, type_, reads in (
        ("number", TraitType.NUMBER, NUMBER),
        ("moment", TraitType.MOMENT, MOMENT),
    ):
        trait = Trait(
            code=f"test.{name}",
            label=name,
            group="Test",
            type=type_,
            category=Category.DEMOGRAPHIC,
            field=f"test_{name}",
            reads=reads,
            always_known=True,
        )
        monkeypatch.setitem(queries._traits_of_apps(), trait.code, trait)
