"""What may stand in the timeline about points and tiers."""

from django.utils.translation import gettext_lazy as _

from customers.enums import Category, FieldType
from customers.rules import EventKind, KindField

POINTS = (KindField("points", FieldType.NUMBER, label=_("Points"), is_whole=True),)
TIER = (KindField("tier", label=_("Tier")),)


KINDS = [
    EventKind(
        code="loyalty.joined",
        label=_("Joined the programme"),
        category=Category.PURCHASE,
        sentence=_("Joined %(programme)s"),
        icon="loyalty",
    ),
    EventKind(
        code="loyalty.points_earned",
        label=_("Points earned"),
        category=Category.PURCHASE,
        sentence=_("Earned %(points)s points"),
        icon="add_circle",
        tells=POINTS,
    ),
    EventKind(
        code="loyalty.points_spent",
        label=_("Points spent"),
        category=Category.PURCHASE,
        sentence=_("Spent %(points)s points"),
        icon="redeem",
        tells=POINTS,
    ),
    EventKind(
        code="loyalty.points_expired",
        label=_("Points expired"),
        category=Category.PURCHASE,
        sentence=_("%(points)s points expired"),
        icon="hourglass_bottom",
        tells=POINTS,
    ),
    EventKind(
        code="loyalty.points_taken_back",
        label=_("Points taken back"),
        category=Category.PURCHASE,
        sentence=_("%(points)s points were taken back"),
        icon="undo",
        tells=POINTS,
    ),
    EventKind(
        code="loyalty.points_adjusted",
        label=_("Points adjusted"),
        category=Category.PURCHASE,
        sentence=_("Points adjusted by %(points)s"),
        icon="tune",
        tells=POINTS,
    ),
    EventKind(
        code="loyalty.tier_reached",
        label=_("Tier reached"),
        category=Category.PURCHASE,
        sentence=_("Reached the tier %(tier)s"),
        icon="workspace_premium",
        tells=TIER,
    ),
    EventKind(
        code="loyalty.tier_lowered",
        label=_("Tier lowered"),
        category=Category.PURCHASE,
        sentence=_("Went down to the tier %(tier)s"),
        icon="trending_down",
        tells=TIER,
    ),
]
