"""Of which other segments somebody is, and of which share of all people."""

from collections.abc import Sequence

from django.db.models import DecimalField, F, Func
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.enums import Category
from segments.enums import TraitType
from segments.models import Segment
from segments.queries import categories_of_segments
from segments.rules import Trait

GROUPS = _("Segments and shares")


def _segments() -> Sequence[tuple[str, str | Promise]]:
    return [(str(pk), name) for pk, name in Segment.objects.values_list("pk", "name")]


class Share(Func):
    """Where a customer stands among all, from 0 to 99.99 percent: the same for ever."""

    template = (
        "mod(('x' || substr(md5('share:' || (%(expressions)s)), 1, 8))::bit(32)::bigint, 10000)"
        "::numeric / 100"
    )
    output_field = DecimalField(max_digits=5, decimal_places=2)


TRAITS = [
    Trait(
        code="segments.member",
        label=_("Segment"),
        group=GROUPS,
        type=TraitType.SEGMENT,
        category=Category.IDENTITY,
        also=categories_of_segments,
        choices=_segments,
        always_known=True,
    ),
    Trait(
        code="segments.share",
        label=_("Share of people"),
        group=GROUPS,
        type=TraitType.SHARE,
        category=Category.IDENTITY,
        field="share",
        reads=Share(F("pk")),
        always_known=True,
    ),
]
