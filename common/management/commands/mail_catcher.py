import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.mail_catcher import catch_mail


class Command(BaseCommand):
    help = "Catch all mail in the folder that /mail/ shows, until interrupted."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMAIL_URL:
            raise CommandError("EMAIL_URL is set: mail goes out for real.")
        ends = {signal.SIGINT, signal.SIGTERM}
        # Before the server's thread starts, which inherits it.
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        address = {"host": settings.EMAIL_HOST, "port": settings.EMAIL_PORT}
        with catch_mail(settings.MAIL_CATCHER, **address):
            self.stdout.write("catching mail at {host}:{port}".format(**address))
            signal.sigwait(ends)
