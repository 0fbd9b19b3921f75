"""Measure the promises: ``make bench`` prints a table and writes ``var/bench.json``."""

import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module

import django
from django.conf import settings

from benchmarks.database import empty_shop
from benchmarks.race import Result

RACES = (
    *("predicate", "sending", "profile", "imports", "search", "events", "exports", "closing"),
    *("metrics", "consents", "privacy", "segments"),
)


def main(chosen: list[str]) -> None:
    results = list(_results(chosen or RACES))
    rows = [{**vars(result), "ratio": round(result.ratio, 2)} for result in results]
    (settings.VAR / "bench.json").write_text(json.dumps(rows, indent=2))


def _results(races: tuple[str, ...] | list[str]) -> Iterator[Result]:
    for name in races:
        race = import_module(f"benchmarks.{name}")
        # A race that brings a shop of its own says so.
        getattr(race, "prepare", empty_shop)()
        for result in race.run():
            print_row(result)
            yield result


def print_row(result: Result) -> None:
    sys.stdout.write(
        f"{result.name:<48} {result.value:>12,} {result.unit:<8}"
        f" {result.against:<24} {result.against_value:>12,} {result.ratio:>6.2f} x\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()
    main(sys.argv[1:])
