"""What somebody allowed, for the purpose of the segment and for each other, and wished."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from consent.enums import Channel
from consent.models import Purpose, Wish
from consent.queries.predicate import standing_answer, standing_answer_for
from customers.enums import Category
from segments.enums import TraitType
from segments.rules import Rows, Trait
from segments.traits.people import CONTACT

LABELS = {
    Channel.EMAIL: _("E-mail permission"),
    Channel.SMS: _("SMS permission"),
    Channel.WHATSAPP: _("WhatsApp permission"),
    Channel.PUSH: _("Push permission"),
    Channel.POST: _("Post permission"),
}
PERMISSIONS = _("Permissions")


def _pausing(at: datetime) -> QuerySet[Wish]:
    return Wish.objects.filter(paused_until__gt=at)


def permissions() -> list[Trait]:
    """Return a trait for each channel of each purpose, those that staff declared included."""
    purposes = Purpose.objects.order_by("code")
    return [_of_purpose(purpose, channel) for purpose in purposes for channel in LABELS]


def _of_purpose(purpose: Purpose, channel: Channel) -> Trait:
    # Two underscores would mean a path; codes have no capitals.
    written = purpose.code.replace("_", "X")
    return Trait(
        code=f"consent.{purpose.code}.{channel.value}",
        label=format_lazy("{label} ({purpose})", label=LABELS[channel], purpose=purpose),
        group=PERMISSIONS,
        type=TraitType.YES_NO,
        category=Category.IDENTITY,
        field=f"answer_{channel.value}_for_{written}",
        reads=standing_answer_for(channel, purpose=purpose.code),
    )


TRAITS = [
    *(
        Trait(
            code=f"consent.{channel.value}",
            label=label,
            group=CONTACT,
            type=TraitType.YES_NO,
            category=Category.IDENTITY,
            field=f"answer_{channel.value}",
            reads=standing_answer(channel),
        )
        for channel, label in LABELS.items()
    ),
    Trait(
        code="consent.paused",
        label=_("Has paused messages"),
        group=PERMISSIONS,
        type=TraitType.YES_NO,
        category=Category.IDENTITY,
        words=_("break holiday stop"),
        rows=Rows(found=_pausing, ends="paused_until"),
    ),
]
