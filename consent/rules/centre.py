"""What a person may choose on their own page, and what each choice changes, in plain words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.enums import Act, Channel, LegalBasis
from customers.enums import Category

# What rests on a contract or on the law is explained; only consent and interests can be refused
# kind of data by kind of data (LGPD art. 18 par. 2, GDPR art. 21).
OPTIONAL = frozenset({LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST})


class Scope(NamedTuple):
    """One channel, or one kind of data; the other is empty."""

    channel: str = ""
    category: str = ""

    @property
    def label(self) -> str | Promise:
        return Channel(self.channel).label if self.channel else Category(self.category).label


def scope_called(word: str) -> Scope | None:
    """Return the scope that a box of the page names."""
    if word in Channel.values:
        return Scope(channel=word)
    return Scope(category=word) if word in Category.values else None


@dataclass(frozen=True)
class Form:
    """What a person sends: boxes that were offered, that were on when shown, and ticked now."""

    offered: frozenset[Scope]
    shown: frozenset[Scope]
    ticked: frozenset[Scope]


@dataclass(frozen=True)
class Chosen:
    given: frozenset[Scope]
    denied: frozenset[Scope]


def chosen(form: Form, *, standing: Collection[Scope]) -> Chosen:
    """Say what a form changes of what stands by now.

    A yes is only what the person ticked themselves: a box that was on when shown, and is off by
    now, stays off. A no is every box they left empty, whatever turned it on meanwhile.
    """
    return Chosen(
        given=(form.offered & form.ticked) - form.shown - frozenset(standing),
        denied=(form.offered & frozenset(standing)) - form.ticked,
    )


def denial(basis: str, *, answer: bool | None, needs_opt_in: bool) -> Act:
    """Return what a no is called: of a yes it is taken back, of silence it is a refusal."""
    if basis != LegalBasis.CONSENT:
        return Act.OBJECTED
    return Act.REFUSED if answer is None and needs_opt_in else Act.WITHDRAWN


class Consequence(NamedTuple):
    """What a kind of data is, and what happens without it."""

    what: str | Promise
    without: str | Promise


CONSEQUENCES: Mapping[Category, Consequence] = {
    Category.IDENTITY: Consequence(
        _("Your name and your customer number."),
        _("Without it, messages do not address you by your name."),
    ),
    Category.CONTACT: Consequence(
        _("Your e-mail, phone and language, and what you wrote to us."),
        _("Without it, we do not choose by them whom we write to."),
    ),
    Category.DEMOGRAPHIC: Consequence(
        _("What you told us about yourself: birthday, city, interests."),
        _("Without it, no birthday surprise, no offers for your city; points are not affected."),
    ),
    Category.PURCHASE: Consequence(
        _("What you bought, when and for how much."),
        _("Without it, offers do not follow what you buy; points and vouchers are not affected."),
    ),
    Category.BROWSING: Consequence(
        _("The pages you look at and the links you follow."),
        _("Without it, we count visits without your name and do not remind you of what you saw."),
    ),
    Category.SEARCH: Consequence(
        _("What you search for on our site."),
        _("Without it, suggestions do not follow your searches."),
    ),
    Category.IN_STORE: Consequence(
        _("What you do in our stores, beside what you buy."),
        _("Without it, nothing of your visits is kept with your name; points are not affected."),
    ),
    Category.LOCATION_COARSE: Consequence(
        _("Roughly where you are."),
        _("Without it, you stop seeing offers near you; points are not affected."),
    ),
    Category.LOCATION_PRECISE: Consequence(
        _("Exactly where you are."),
        _("Without it, you get no offer as you pass a store; points are not affected."),
    ),
    Category.SENSITIVE: Consequence(
        _("What may tell of your health, faith or other private matters."),
        _("Without it, such things are used for nothing; orders and points are not affected."),
    ),
    Category.INFERRED: Consequence(
        _("What we work out about you, such as how often you buy."),
        _("Without it, nobody guesses what you may want; points are not affected."),
    ),
}

SAID: Mapping[Act, str | Promise] = {
    Act.GIVEN: _("You allowed: %(scope)s"),
    Act.RENEWED: _("You allowed again: %(scope)s"),
    Act.REFUSED: _("You refused: %(scope)s"),
    Act.WITHDRAWN: _("You took back: %(scope)s"),
    Act.OBJECTED: _("You objected to: %(scope)s"),
    Act.EXPIRED: _("Your permission ended by itself: %(scope)s"),
    Act.SUSPENDED: _("Our text changed, so your permission ended: %(scope)s"),
    Act.IMPORTED_UNPROVEN: _(
        "A file said that you allowed it, without proof; not used: %(scope)s"
    ),
}
