from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from customers.operations.erasure_log import replay_erasures


class Command(BaseCommand):
    help = "After a restore: erase again whoever was erased since the backup (ERASURE_LOG)."

    def handle(self, *args: Any, **options: Any) -> None:
        erased = replay_erasures(at=now())
        self.stdout.write(f"{erased} erased again.")
