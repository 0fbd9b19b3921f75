"""What somebody allowed for the purpose of the segment."""

from django.utils.translation import gettext_lazy as _

from consent.enums import Channel
from consent.queries.predicate import standing_answer
from customers.enums import Category
from segments.enums import TraitType
from segments.rules import Trait
from segments.traits.people import CONTACT

LABELS = {
    Channel.EMAIL: _("E-mail permission"),
    Channel.SMS: _("SMS permission"),
    Channel.WHATSAPP: _("WhatsApp permission"),
    Channel.PUSH: _("Push permission"),
    Channel.POST: _("Post permission"),
}


TRAITS = [
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
]
