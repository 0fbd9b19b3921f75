"""What a segment's rule may ask about the programme."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from loyalty.models import Tier
from segments.enums import TraitType
from segments.rules import Trait

LOYALTY = _("Loyalty")


def tier_names() -> Sequence[tuple[str, str | Promise]]:
    return [(name, name) for name in Tier.objects.values_list("name", flat=True)]


TRAITS = [
    Trait(
        code="loyalty.tier",
        label=_("Tier"),
        group=LOYALTY,
        type=TraitType.CHOICE,
        category=Category.PURCHASE,
        field="member__tier__name",
        flat="tier",
        choices=tier_names,
    ),
    Trait(
        code="loyalty.points",
        label=_("Points"),
        group=LOYALTY,
        type=TraitType.NUMBER,
        category=Category.PURCHASE,
        field="member__account__balance",
        flat="points",
        is_whole=True,
        if_absent=0,
    ),
    Trait(
        code="loyalty.joined",
        label=_("Joined the programme"),
        group=LOYALTY,
        type=TraitType.MOMENT,
        category=Category.PURCHASE,
        field="member__joined_at",
        flat="joined_at",
    ),
]
# Tiers are asked for by their names.
RESTS_ON = ["loyalty_tier"]
