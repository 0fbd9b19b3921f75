"""Who says yes for a minor (invariant I11): a parent or guardian, until they are of age."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import DomainError
from consent.enums import ActorKind
from consent.models import Purpose
from consent.queries.settings import privacy_settings
from consent.rules.ages import Age, age_of, comes_of_age_on
from customers.models import Customer


class AdultsOnly(DomainError):
    """Not even a parent allows this for a minor."""

    code = "adults_only"


class GuardianNeeded(DomainError):
    code = "guardian_needed"


class GuardianNotNeeded(DomainError):
    code = "guardian_not_needed"


class BirthDateNeeded(DomainError):
    code = "birth_date_needed"


def last_moment_for_another(
    customer: Customer, purpose: Purpose, *, actor_kind: str, at: datetime
) -> datetime | None:
    """Return when a guardian's yes ends, on the day the person is of age; None for their own yes.

    Raises AdultsOnly, GuardianNeeded, GuardianNotNeeded and BirthDateNeeded.
    """
    if not purpose.needs_opt_in:
        return None
    chosen = privacy_settings()
    zone = ZoneInfo(settings.SHOP_TIME_ZONE)
    born = customer.birth_date
    limit = chosen.age_of_consent
    age = age_of(born, on=at.astimezone(zone).date(), age_of_consent=limit)
    if age == Age.UNDER_AGE and purpose.adults_only:
        raise AdultsOnly(
            _("%(purpose)s is for adults only: nobody can allow it for somebody under %(age)s.")
            % {"purpose": purpose, "age": limit},
            field="purpose",
        )
    if actor_kind == ActorKind.GUARDIAN:
        _refuse_guardian(age)
        assert born  # noqa: S101 -- somebody under age has a birth date
        day = comes_of_age_on(born, age_of_consent=limit)
        return datetime.combine(day, time(), tzinfo=zone)
    _refuse_minor(age, unknown_is_minor=chosen.unknown_age_is_minor)
    return None


def _refuse_guardian(age: Age) -> None:
    if age == Age.OF_AGE:
        raise GuardianNotNeeded(
            _("The customer is of age: nobody else decides for them."), field="actor_kind"
        )
    if age == Age.UNKNOWN:
        raise BirthDateNeeded(
            _("Enter the birth date first: a guardian's permission ends when they are of age."),
            field="actor_kind",
        )


def _refuse_minor(age: Age, *, unknown_is_minor: bool) -> None:
    if age == Age.UNDER_AGE:
        raise GuardianNeeded(
            _("The customer is under age: a parent or guardian has to allow it."),
            field="actor_kind",
        )
    if age == Age.UNKNOWN and unknown_is_minor:
        raise BirthDateNeeded(
            _("Enter the birth date first: this shop is made for children."), field="customer"
        )
