import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.timezone import now

from config.demo.seeding import Demo, seed
from config.demo.tour import tour
from customers.models import ImportJob


class Command(BaseCommand):
    help = "Fill an empty shop with a real grocer's year; what is there already stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tour", action="store_true", help="only say what is worth a look")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["tour"]:
            self.stdout.write(tour(settings.PUBLIC_URL))
            return
        folder = settings.VAR / "demo"
        seed(Demo(folder=folder, at=now(), say=self._say, progress=self._progress))

    def _say(self, what: str) -> None:
        self.stdout.write(f"{what} ...")
        self.stdout.flush()

    def _progress(self, job: ImportJob) -> None:
        if sys.stdout.isatty() and job.row_count:
            share = 100 * job.merged_rows // job.row_count
            end = "\n" if job.merged_rows == job.row_count else ""
            self.stdout.write(f"\r  {share:>3} % of {job.row_count:,} rows", ending=end)
            self.stdout.flush()
