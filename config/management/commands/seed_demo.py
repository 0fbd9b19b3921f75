import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.timezone import now

from config.demo.seeding import Demo, seed, tour
from customers.models import ImportJob


class Command(BaseCommand):
    help = "Fill an empty shop with a real grocer's year; what is there already stays."

    def handle(self, *args: Any, **options: Any) -> str:
        seed(Demo(folder=settings.VAR / "demo", at=now(), say=self._say, progress=self._progress))
        return tour(settings.PUBLIC_URL)

    def _say(self, what: str) -> None:
        self.stderr.write(f"{what} ...")

    def _progress(self, job: ImportJob) -> None:
        if sys.stderr.isatty() and job.row_count:
            share = 100 * job.merged_rows // job.row_count
            self.stderr.write(f"\r  {share:>3} % of {job.row_count:,} rows", ending="")
            self.stderr.flush()
