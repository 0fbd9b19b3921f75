import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now
from django.utils.translation import gettext as _

from common.errors import DomainError
from customers.enums import ImportState, StartRule
from customers.models import ImportJob
from customers.operations.imports import file_kinds, import_file

WIDTH = 30


class Command(BaseCommand):
    help = "Bring in a CSV file, or a zip with one, and wait for its end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(file_kinds()))
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--historic",
            action="store_true",
            help="old rows: they count, but earn no points and start no messages",
        )

        parser.add_argument(
            "--column",
            action="append",
            default=[],
            dest="columns",
            metavar="TITLE=FIELD",
            help="what a column of the file is, where its title does not say so; nothing after the"
            " = leaves it out; may be repeated",
        )
        parser.add_argument(
            "--match",
            metavar="FIELD",
            help="by which field rows are matched with what is known, instead of the number",
        )
        parser.add_argument(
            "--start",
            choices=StartRule.values,
            default=StartRule.AFTER_CHECK,
            help="when the checked file comes in: when somebody says so in the back office, by"
            " itself when no row is rejected, or by itself without the rejected rows (as here)",
        )

    def handle(
        self,
        *args: Any,
        kind: str,
        path: Path,
        historic: bool,
        columns: list[str],
        match: str | None,
        start: str,
        **options: Any,
    ) -> None:
        try:
            job = import_file(
                path,
                kind,
                at=now(),
                historic=historic,
                mapping=dict(_column(text) for text in columns),
                matched_by=match,
                start_rule=StartRule(start),
                progress=self._show,
            )
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        if job.state == ImportState.REFUSED:
            raise CommandError(job.refusal)
        self.stdout.write(foreseen(job) if job.state == ImportState.READY else summary(job))
        if left_out := [title for title in job.header if title not in job.mapping]:
            self.stdout.write(
                _("Left out, since neither a field nor an attribute is called so: %(titles)s")
                % {"titles": ", ".join(left_out)}
            )
        for row in job.rejected_rows.order_by("line", "pk")[:10]:
            self.stdout.write(f"{path.name}:{row.line}: {row.column}: {row.sentence}")

    def _show(self, job: ImportJob) -> None:
        if sys.stderr.isatty():
            end = "\n" if job.merged_rows == job.row_count else ""
            self.stderr.write(f"\r{bar(job)}", ending=end)
            self.stderr.flush()


def _column(text: str) -> tuple[str, str]:
    title, is_said, field = text.rpartition("=")
    if not is_said:
        raise CommandError(_("Say TITLE=FIELD instead of “%(text)s”.") % {"text": text})
    return title, field


def bar(job: ImportJob) -> str:
    if job.state == ImportState.CHECKING:
        return _("checking %(file)s: %(rows)s rows") % {
            "file": job.file_name,
            "rows": job.row_count,
        }
    filled = WIDTH * job.merged_rows // max(job.row_count, 1)
    return f"{job.file_name} [{'#' * filled:<{WIDTH}}] {job.merged_rows}/{job.row_count}"


def foreseen(job: ImportJob) -> str:
    """Say what would come in of a checked file that waits for somebody's word."""
    return _(
        "%(file)s waits as import %(number)s: %(create)s to create, %(update)s to update,"
        " %(unchanged)s unchanged, %(reject)s rejected"
    ) % {"file": job.file_name, "number": job.pk, **job.preview}


def summary(job: ImportJob) -> str:
    return _(
        "%(file)s: %(created)s created, %(updated)s updated, %(unchanged)s unchanged,"
        " %(rejected)s rejected"
    ) % {
        "file": job.file_name,
        "created": job.created_count,
        "updated": job.updated_count,
        "unchanged": job.unchanged_count,
        "rejected": job.rejected_count,
    }
