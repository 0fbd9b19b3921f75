"""Conditions over the flat profiles: the same rule, asked of an index that can be seconds late."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db.models import Case, Q, QuerySet

from consent.enums import Channel
from consent.models import Purpose
from consent.queries.bits import allowed_by_name_flat, answer_flat, may_use_flat
from customers.enums import Category
from segments.compiler.conditions import Compiler, People
from segments.models import Profile, PurposePlace
from segments.rules import Rule, Trait

OF_CHANNEL = "answer_"


@dataclass(frozen=True)
class FlatCompiler(Compiler):
    """Asks one table for most of what the ``Compiler`` asks several; finds flat profiles."""

    def everybody(self) -> QuerySet:
        return Profile.objects.all()

    def may_use(self, *categories: Category) -> Q:
        return may_use_flat(*categories, purpose=self.purpose, place=self._place)

    def allowed_by_name(self) -> Q:
        return allowed_by_name_flat(self.purpose, place=self._place)

    def seen_as(self, trait: Trait) -> Trait:
        if trait.field.startswith(OF_CHANNEL):
            return replace(trait, reads=self._answer(trait.field.removeprefix(OF_CHANNEL)))
        if trait.flat or trait.reads is not None or not trait.field:
            return replace(trait, field=trait.flat or trait.field)
        return replace(trait, field=f"customer__{trait.field}")

    def _answer(self, asked: str) -> Case:
        """Return the answer about ``email``, or ``email_for_marketing``."""
        channel, _for, purpose = asked.partition("_for_")
        place = self._place_of(purpose.replace("X", "_")) if purpose else self._place
        return answer_flat(Channel(channel), place=place)

    @property
    def _place(self) -> int:
        return self._place_of(self.purpose.pk)

    def _place_of(self, purpose: str) -> int:
        """Return where the answers for a purpose stand; 0, where nothing does, for a new one."""
        return self._places.get(purpose, 0)

    @cached_property
    def _places(self) -> dict[str, int]:
        return dict(PurposePlace.objects.values_list("purpose_id", "place"))


def profiles_matching(
    rule: Rule, *, purpose: Purpose, at: datetime, among: People | None = None
) -> QuerySet[Profile]:
    """As ``matching``, by the flat profiles as they are, seconds late at most."""
    compiler = FlatCompiler(purpose=purpose, at=at, among=among)
    return compiler.customers(rule).filter(compiler.free() & compiler.condition(rule.root))
