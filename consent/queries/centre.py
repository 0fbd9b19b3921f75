"""What a person's own page shows: what stands, and what they can choose."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise

from consent.enums import Act, Channel, LegalBasis, PointKind, Verdict
from consent.models import (
    CollectionPoint,
    ConsentEvent,
    NoticeText,
    NoticeVersion,
    Permission,
    Purpose,
)
from consent.queries.notices import texts_in_force
from consent.queries.predicate import ADDRESS_OF
from consent.queries.standings import Verdicts, standings, verdicts
from consent.rules.centre import CONSEQUENCES, OPTIONAL, SAID, Consequence, Scope
from customers.enums import Category
from customers.models import Customer
from customers.rules.masking import masked_email, masked_phone

# The purpose that most people come for.
FIRST = "marketing"
LONGEST_HISTORY = 200
ADDRESS_FIELDS = {**ADDRESS_OF, Channel.POST: "postal_code"}
# What the page itself shows by its boxes; other verdicts are told beside a box that is on.
SHOWN_BY_THE_BOX = frozenset(
    {
        Verdict.ALLOWED,
        Verdict.NO_PERMISSION,
        Verdict.CHANNEL_REFUSED,
        Verdict.DATA_NOT_ASKED,
        Verdict.DATA_REFUSED,
    }
)


@dataclass(frozen=True)
class Answered:
    """What stands for one purpose: every channel and kind of data, None where never asked."""

    purpose: Purpose
    answers: dict[Scope, bool | None]
    # Whether the page shows a text on which a yes could rest.
    takes_more: bool

    @property
    def standing(self) -> frozenset[Scope]:
        """Return what is allowed: a yes, or silence where none is needed."""
        silence = not self.purpose.needs_opt_in
        return frozenset(
            scope for scope, says in self.answers.items() if says or (says is None and silence)
        )

    @property
    def is_optional(self) -> bool:
        return self.purpose.basis in OPTIONAL

    def offered(self, customer: Customer) -> list[Scope]:
        """Return what the person can choose: channels that lead to them, and kinds of data.

        What was allowed once can always be taken back. Data are the shop's to use where a contract
        or the law asks for it.
        """
        if self.purpose.basis == LegalBasis.LEGAL_OBLIGATION:
            return []
        allowed = self.standing if self.purpose.needs_opt_in else frozenset[Scope]()
        return [
            scope
            for scope, says in self.answers.items()
            if scope in allowed
            or (self.takes_more and (says is False or self._leads_to(customer, scope)))
        ]

    def _leads_to(self, customer: Customer, scope: Scope) -> bool:
        if scope.category:
            return self.is_optional
        field = ADDRESS_FIELDS.get(Channel(scope.channel))
        return bool(field and getattr(customer, field))


def answered(customer: Customer, *, at: datetime) -> list[Answered]:
    """Return what stands for each purpose, optional ones first, in four queries.

    What is past its end stands no more, though nobody recorded that yet.
    """
    permissions = list(Permission.objects.filter(customer=customer))
    ended = {row.purpose_id for row in permissions if row.valid_until <= at}
    covered = purposes_covered(at=at)
    found = [
        Answered(
            it.purpose,
            {
                scope: None if says and it.purpose.pk in ended else says
                for scope, says in [
                    *((Scope(channel=channel), says) for channel, says in it.channels),
                    *((Scope(category=category), says) for category, says in it.categories),
                ]
            },
            takes_more=it.purpose.is_active and it.purpose.pk in covered,
        )
        for it in standings(Purpose.objects.order_by("code"), permissions)
    ]
    # A retired purpose is shown to whoever has something to take back.
    shown = (it for it in found if it.purpose.is_active or (it.standing and it.is_optional))
    return sorted(shown, key=lambda it: (not it.is_optional, it.purpose.pk != FIRST))


def purposes_covered(*, at: datetime) -> set[str]:
    """Return what the text of the preference centre speaks of."""
    versions = NoticeVersion.objects.filter(texts__in=shown_texts(at=at))
    return {pk for pk in versions.values_list("purposes", flat=True) if pk}


def shown_texts(*, at: datetime) -> QuerySet[NoticeText]:
    """Return the text that the preference centre shows, in every language."""
    return texts_in_force(CollectionPoint.objects.get(pk=PointKind.PREFERENCE_CENTRE), at=at)


def text_in(language: str, *, at: datetime) -> NoticeText | None:
    """Return the text that the preference centre shows, in this language if there is one."""
    texts = sorted(
        shown_texts(at=at).select_related("version"), key=lambda it: it.language != language
    )
    return texts[0] if texts else None


@dataclass(frozen=True)
class Box:
    """One thing to tick; ``note`` says why what is allowed is not used all the same."""

    name: str
    label: str | Promise
    is_on: bool
    consequence: Consequence | None = None
    note: str | Promise = ""
    is_sensitive: bool = False


@dataclass(frozen=True)
class Choice:
    """All that can be chosen for one purpose."""

    purpose: Purpose
    is_optional: bool
    channels: list[Box]
    categories: list[Box]

    @property
    def allowed(self) -> list[Box]:
        return [box for box in (*self.channels, *self.categories) if box.is_on]


def choices(customer: Customer, *, at: datetime) -> list[Choice]:
    """Return every purpose with its boxes as they stand; a query for each purpose and two."""
    judged = {it.purpose.pk: it for it in verdicts(customer, at=at)}
    return [_choice(customer, it, judged[it.purpose.pk]) for it in answered(customer, at=at)]


def _choice(customer: Customer, answered: Answered, judged: Verdicts) -> Choice:
    boxes = [_box(scope, answered, judged) for scope in answered.offered(customer)]
    return Choice(
        purpose=answered.purpose,
        is_optional=answered.is_optional,
        channels=[box for box in boxes if box.consequence is None],
        categories=[box for box in boxes if box.consequence],
    )


def _box(scope: Scope, answered: Answered, judged: Verdicts) -> Box:
    verdict = (
        judged.channels[Channel(scope.channel)]
        if scope.channel
        else judged.categories[Category(scope.category)]
    )
    is_on = scope in answered.standing
    return Box(
        name=scope.channel or scope.category,
        label=scope.label,
        is_on=is_on,
        consequence=CONSEQUENCES[Category(scope.category)] if scope.category else None,
        note=verdict.label if is_on and verdict not in SHOWN_BY_THE_BOX else "",
        is_sensitive=scope.category == Category.SENSITIVE,
    )


@dataclass(frozen=True)
class Said:
    """One choice of the past, in words."""

    event: ConsentEvent
    words: str


def history(customer: Customer) -> list[Said]:
    """Return what the person chose, newest first."""
    events = ConsentEvent.objects.filter(customer=customer).order_by("-id")
    return [
        Said(event, str(SAID[Act(event.act)]) % {"scope": scope_of(event).label})
        for event in events.select_related("purpose", "collection_point")[:LONGEST_HISTORY]
    ]


def scope_of(event: ConsentEvent) -> Scope:
    return Scope(channel=event.channel, category=event.category)


def addresses(customer: Customer) -> list[str]:
    """Return where we reach the person, masked."""
    masked = (masked_email(customer.email), masked_phone(customer.phone))
    return [address for address in masked if address]
