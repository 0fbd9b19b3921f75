from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from common.access.guesses import unlock
from common.access.second_factor import remove
from common.access.sessions import end_sessions
from common.models import Lockout, User


class Command(BaseCommand):
    help = (
        "Lift the lock-outs of a person and take the second factor away: for the last "
        "administrator, whom nobody else can help."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"Nobody here is called {username}.")
        lifted = [unlock(each, by=None, at=now()) for each in Lockout.objects.filter(user=user)]
        removed = remove(user, by=None, at=now())
        end_sessions([user])
        self.stdout.write(
            f"{sum(lifted)} lock-outs lifted; second factor {'removed' if removed else 'not set'}."
        )
