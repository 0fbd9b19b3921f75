from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loyalty.queries import faults


class Command(BaseCommand):
    help = "Prove the points ledger: balances, lots and entries say the same. Fails where not."

    def handle(self, *args: Any, **options: Any) -> None:
        found = faults()
        for fault in found:
            self.stderr.write(fault)
        if found:
            raise CommandError(f"{len(found)} promises of the ledger do not hold.")
        self.stdout.write(self.style.SUCCESS("The ledger holds."))
