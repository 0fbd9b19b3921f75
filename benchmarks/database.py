"""The database under a race."""

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.sql import SQL, Identifier


def empty_shop() -> None:
    """Put a newly migrated database in place."""
    connection.close()
    cluster = settings.EMBEDDED_POSTGRES
    cluster.ensure()
    name = Identifier(settings.DATABASES["default"]["NAME"])
    with psycopg.connect(
        host=str(cluster.sockets), user="postgres", dbname="postgres", autocommit=True
    ) as server:
        server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(SQL("CREATE DATABASE {}").format(name))
    call_command("migrate", verbosity=0)
