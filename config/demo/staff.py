"""One sign-in for each role of the demo shop."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import Group
from django.db import transaction

from common.enums import Role
from common.models import User

# The demo listens on this machine alone, and its people are invented.
PASSWORD = "clientela-demo"  # noqa: S105


@dataclass(frozen=True)
class SignIn:
    username: str
    first_name: str
    last_name: str
    role: Role
    apology_limit: Decimal = Decimal("50.00")


STAFF = (
    SignIn("marina", "Marina", "Prado", Role.MARKETING),
    SignIn("andre", "André", "Lima", Role.SUPPORT_AGENT),
    SignIn("paula", "Paula", "Nogueira", Role.PRIVACY_OFFICER),
    SignIn("ana", "Ana", "Castro", Role.ANALYST),
    SignIn("admin", "Alice", "Ramos", Role.ADMINISTRATOR, Decimal("200.00")),
)


@transaction.atomic
def sign_in_everybody() -> dict[str, User]:
    """Return the demo's staff by user name, made where they are missing."""
    return {person.username: _member_of_staff(person) for person in STAFF}


def _member_of_staff(person: SignIn) -> User:
    user, is_new = User.objects.get_or_create(
        username=person.username,
        defaults={
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": f"{person.username}@clientela.example",
            "is_staff": True,
            "is_superuser": person.role == Role.ADMINISTRATOR,
            "apology_limit": person.apology_limit,
        },
    )
    if is_new:
        user.set_password(PASSWORD)
        user.save()
        user.groups.add(Group.objects.get(name=person.role))
    return user
