from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.errors import DomainError
from customers.models import ImportJob
from customers.operations.imports import foresee, undo, work_on_undo


class Command(BaseCommand):
    help = "Take back what an import brought, as far as nothing newer has touched it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int, help="the number of the import, as its page says")
        parser.add_argument("--count", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, number: int, count: bool, **options: Any) -> None:
        job = ImportJob.objects.filter(pk=number).first()
        if job is None:
            raise CommandError(_("There is no import with this number."))
        try:
            self._count(job) if count else self._undo(job)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _count(self, job: ImportJob) -> None:
        foreseen = foresee(job, at=now())
        self.stdout.write(
            _("%(remove)s to remove, %(restore)s to restore, %(leave)s to leave")
            % {
                "remove": foreseen.remove,
                "restore": foreseen.restore,
                "leave": foreseen.leave,
            }
        )

    def _undo(self, job: ImportJob) -> None:
        undo(job, by=None, at=now())
        while work_on_undo(job, at=now()):
            pass
        job.refresh_from_db()
        undone = job.undone
        self.stdout.write(
            _("%(removed)s removed, %(restored)s restored, %(left)s left")
            % {
                "removed": undone.get("removed", 0),
                "restored": undone.get("restored", 0),
                "left": undone.get("changed", 0) + undone.get("used", 0),
            }
        )
