"""May we use this channel, for this purpose, with these data: the one predicate.

Nobody else reads the columns of ``Permission`` to decide (a test forbids it).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    Exists,
    F,
    FilteredRelation,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Now

from consent.enums import Channel, LegalBasis, Verdict
from consent.models import Permission, PrivacySettings, Purpose, Restriction, Suppression, Wish
from customers.enums import Category
from customers.models import Customer
from customers.rules.birth_dates import FIRST_KNOWN_YEAR

# The last consent event that the permission joined rests on, by id; NULL where nobody chose yet.
RESTS_ON = F("permission__last_event_id")
ADDRESS_OF = {Channel.EMAIL: "email", Channel.SMS: "phone", Channel.WHATSAPP: "phone"}


@dataclass(frozen=True)
class Objection:
    """A reason not to write or use, and what keeps those whom it leaves alone.

    ``is_absent`` is true of nobody of whom it ``holds``, and of everybody of whom no objection
    does. Both are spelled out: in SQL, what is not true of somebody may still not be false.
    ``category`` is the kind of data that it is about, for those that are about one.
    """

    verdict: Verdict
    holds: Q
    is_absent: Q
    category: Category | None = None


def with_permission(customers: QuerySet[Customer], *, purpose: Purpose) -> QuerySet[Customer]:
    """Join what each customer's choices for the purpose add up to, as ``permission``."""
    return customers.annotate(
        permission=FilteredRelation("permissions", condition=Q(permissions__purpose=purpose.pk))
    )


def may_use(*categories: Category, purpose: Purpose, at: datetime) -> Q:
    """Keep, of customers ``with_permission``, those whose data of all categories may be used.

    Whether a person's data may be used at all is for ``is_free`` to say, once for all categories.
    """
    refusals = (it for category in categories for it in _refusals_of_data(purpose, category))
    return nothing_against([*_ended(purpose, at), *refusals])


def permitting(
    customers: QuerySet[Customer], category: Category, *, purpose: Purpose, at: datetime
) -> QuerySet[Customer]:
    """Keep the customers whose data of the category the purpose may use."""
    allowed = is_free(purpose=purpose, at=at) & may_use(category, purpose=purpose, at=at)
    return with_permission(customers, purpose=purpose).filter(allowed)


def permitting_for_any_purpose(
    customers: QuerySet[Customer], category: Category
) -> QuerySet[Customer]:
    """Keep whom at least one purpose that needs an opt-in may know by data of the category.

    By the database's clock: whoever keeps an event has no other.
    """
    given = Permission.objects.filter(
        customer=OuterRef("pk"),
        purpose__needs_opt_in=True,
        valid_until__gt=Now(),
        **{f"data_{category.value}": True},
    )
    restricted = Restriction.objects.standing(at=Now()).filter(customer=OuterRef("pk"))
    return customers.filter(Exists(given), ~Exists(restricted))


def is_free(*, purpose: Purpose, at: datetime) -> Q:
    """Keep the customers of whom the purpose may use anything: of age, and not restricted."""
    return nothing_against(objections_to_person(purpose, at))


def with_verdict(
    customers: QuerySet[Customer],
    *,
    purpose: Purpose,
    channel: Channel,
    using: Collection[Category],
    at: datetime,
) -> QuerySet[Customer]:
    """Annotate each customer with ``verdict``: the first reason why not, or ``allowed``.

    ``using`` are the categories of all data that choose or fill the message. One LEFT JOIN and
    a look-up among the blocked, the restricted and the pausing, for one customer or a million.
    """
    return with_permission(customers, purpose=purpose).annotate(
        verdict=first_objection(objections(purpose, channel, using, at=at))
    )


def contactable(
    customers: QuerySet[Customer],
    *,
    purpose: Purpose,
    channel: Channel,
    using: Collection[Category],
    at: datetime,
) -> QuerySet[Customer]:
    """Keep the customers whose verdict is ``allowed``, in conditions that the planner can use."""
    # In one filter, since a second would join the permissions again.
    return with_permission(customers, purpose=purpose).filter(
        nothing_against(objections(purpose, channel, using, at=at))
    )


def standing_answer(channel: Channel) -> Case:
    """Return the answer about a channel of customers ``with_permission``; NULL: none stands.

    A yes that has ended is none. By the database's clock, as ends are written.
    """
    return _standing(channel, of="permission__")


def standing_answer_for(channel: Channel, *, purpose: str) -> Subquery:
    """As ``standing_answer``, for a purpose that may be another than the one asked for."""
    theirs = Permission.objects.filter(customer=OuterRef("pk"), purpose=purpose)
    return Subquery(theirs.annotate(answer=_standing(channel)).values("answer"))


def _standing(channel: Channel, *, of: str = "") -> Case:
    answer = f"{of}channel_{channel.value}"
    no, yes = Q(**{answer: False}), Q(**{answer: True, f"{of}valid_until__gt": Now()})
    return Case(
        When(no, then=Value(False)),
        When(yes, then=Value(True)),
        default=None,
        output_field=BooleanField(null=True),
    )


def first_objection(among: Iterable[Objection]) -> Case:
    """Return the first objection that holds, or that it is allowed."""
    return Case(
        *(When(objection.holds, then=Value(objection.verdict.value)) for objection in among),
        default=Value(Verdict.ALLOWED.value),
        output_field=CharField(),
    )


def nothing_against(objections: Iterable[Objection]) -> Q:
    """Keep those to whom none of the objections applies."""
    without = Q()
    # A condition said twice makes the planner expect too few people.
    for is_absent in dict.fromkeys(objection.is_absent for objection in objections):
        without &= is_absent
    return without


def objections(
    purpose: Purpose, channel: Channel, using: Collection[Category], *, at: datetime
) -> list[Objection]:
    """Return every reason not to write, in the order in which they count."""
    return [
        _no_address(channel),
        *objections_to_person(purpose, at),
        *objections_to_channel(purpose, channel, using, at=at),
    ]


def objections_to_channel(
    purpose: Purpose, channel: Channel, using: Collection[Category], *, at: datetime
) -> list[Objection]:
    """Return the reasons not to write to a person whose data may be used."""
    return [
        *_suppressed(purpose, channel),
        *_paused(purpose, at),
        *_ended(purpose, at),
        *_refusals(f"channel_{channel.value}", purpose, refused=Verdict.CHANNEL_REFUSED),
        *(it for category in sorted(using) for it in _refusals_of_data(purpose, category)),
    ]


def objections_to_data(purpose: Purpose, category: Category, *, at: datetime) -> list[Objection]:
    """Return every reason not to use one kind of data, in the order in which they count."""
    return [
        *objections_to_person(purpose, at),
        *_ended(purpose, at),
        *_refusals_of_data(purpose, category),
    ]


def objections_to_person(purpose: Purpose, at: datetime) -> list[Objection]:
    """Return the reasons to use nothing of a person for the purpose."""
    return [*_restricted(purpose, at), *_under_age(purpose, at)]


def _no_address(channel: Channel) -> Objection:
    gone = Q(erased_at__isnull=False) | Q(merged_into__isnull=False)
    here = Q(erased_at=None, merged_into=None)
    field = "postal_code" if channel == Channel.POST else ADDRESS_OF.get(channel)
    if field is None:
        return Objection(Verdict.NO_ADDRESS, gone, here)
    empty, filled = Q(**{field: ""}), Q(**{f"{field}__gt": ""})
    return Objection(Verdict.NO_ADDRESS, gone | empty, here & filled)


def _restricted(purpose: Purpose, at: datetime) -> list[Objection]:
    # What the law demands is done for those as well who restricted all else.
    if purpose.basis == LegalBasis.LEGAL_OBLIGATION:
        return []
    standing = Restriction.objects.standing(at=at)
    return [_exists(Verdict.RESTRICTED, standing.filter(customer=OuterRef("pk")))]


def _under_age(purpose: Purpose, at: datetime) -> list[Objection]:
    """Compare birth dates with the shop's day; whose year nobody knows, as the shop chose."""
    if not purpose.adults_only:
        return []
    known = Q(birth_date__gte=FIRST_KNOWN_YEAR)
    unknown = Q(birth_date=None) | Q(birth_date__lt=FIRST_KNOWN_YEAR)
    youngest = _youngest_of_age(at)
    counts_as_minor = Exists(PrivacySettings.objects.filter(unknown_age_is_minor=True))
    return [
        Objection(
            Verdict.UNDER_AGE,
            known & Q(birth_date__gt=youngest) | unknown & Q(counts_as_minor),
            # Of a range with an end that it does not know the planner expects next to nobody.
            Q(birth_date__lte=youngest) & (known | Q(~counts_as_minor))
            | Q(birth_date=None) & Q(~counts_as_minor),
        )
    ]


def _youngest_of_age(at: datetime) -> Func:
    """Return the birth date of those who come of age on the shop's day.

    PostgreSQL takes years off as ``segments.rules.calendar`` does: of 29 February it makes the
    28th. The shop's choice stands in the query, which would else need another before it. As a
    query of its own it is reckoned once, and not for each of a million people.
    """
    today = at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE)).date()
    chosen = Subquery(PrivacySettings.objects.values("age_of_consent")[:1])
    return Func(
        Value(today, output_field=DateField()),
        Coalesce(chosen, Value(PrivacySettings().age_of_consent)),
        template="(SELECT (%(expressions)s))::date)",
        arg_joiner="::date - make_interval(years => ",
        output_field=DateField(),
    )


def _suppressed(purpose: Purpose, channel: Channel) -> list[Objection]:
    if channel not in ADDRESS_OF:
        return []
    standing = Suppression.objects.filter(
        Q(purpose=None) | Q(purpose=purpose.pk),
        channel=channel,
        lifted_at=None,
        contact_hash=OuterRef(f"{ADDRESS_OF[channel]}_hash"),
    )
    return [_exists(Verdict.SUPPRESSED, standing)]


def _paused(purpose: Purpose, at: datetime) -> list[Objection]:
    # A pause is from what they need not get: orders and service go on.
    if not purpose.needs_opt_in:
        return []
    pausing = Wish.objects.filter(customer=OuterRef("pk"), paused_until__gt=at)
    return [_exists(Verdict.PAUSED, pausing)]


def _ended(purpose: Purpose, at: datetime) -> list[Objection]:
    # Where silence permits, a yes that has ended takes nothing away.
    if not purpose.needs_opt_in:
        return []
    holds, stands = Q(permission__valid_until__lte=at), Q(permission__valid_until__gt=at)
    return [Objection(Verdict.PERMISSION_ENDED, holds, stands)]


def _refusals_of_data(purpose: Purpose, category: Category) -> list[Objection]:
    category = Category(category)
    return _refusals(
        f"data_{category.value}",
        purpose,
        silent=Verdict.DATA_NOT_ASKED,
        refused=Verdict.DATA_REFUSED,
        category=category,
    )


def _refusals(
    column: str,
    purpose: Purpose,
    *,
    silent: Verdict = Verdict.NO_PERMISSION,
    refused: Verdict,
    category: Category | None = None,
) -> list[Objection]:
    """Return what a permission's column may object: no answer, where one is needed, or a no."""
    yes, no, silence = (Q(**{f"permission__{column}": answer}) for answer in (True, False, None))
    if purpose.needs_opt_in:
        return [
            Objection(silent, silence, yes, category),
            Objection(refused, no, yes, category),
        ]
    return [Objection(refused, no, yes | silence, category)]


def _exists(verdict: Verdict, rows: QuerySet) -> Objection:
    found = Exists(rows)
    return Objection(verdict, Q(found), Q(~found))
