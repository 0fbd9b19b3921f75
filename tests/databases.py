"""Test databases: migrated once into a template, then copied, which takes a tenth of a second."""

import gc
import hashlib
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg.sql import SQL, Identifier

from common.embedded.sockets import locked

NAME = "test"
# Another server's database is a restored one, whose timeline begins a generation: here it is not.
AT_HOME = """
UPDATE public.customers_generation
SET system_identifier = (SELECT system_identifier FROM pg_control_system());
"""


def clone() -> None:
    """Put a fresh copy of the migrated database in place, whoever still uses the old one."""
    connections.close_all()
    template = migrated_template()
    with server() as sql:
        sql.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(NAME)))
        copy = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        sql.execute(copy.format(Identifier(NAME), Identifier(template)))


def migrated_template() -> str:
    name = f"template_{migrations_hash()}"
    with server() as sql:
        found = sql.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
    if found is None:
        make(name)
    return name


def make(name: str) -> None:
    """Make the template aside: a killed try must not look like one."""
    part = f"{name}_part"
    with server() as sql:
        sql.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(part)))
        sql.execute(SQL("CREATE DATABASE {}").format(Identifier(part)))
        fill(part, shared=settings.VAR.parent / f"{name}.sql")
        rename = SQL("ALTER DATABASE {} RENAME TO {}")
        sql.execute(rename.format(Identifier(part), Identifier(name)))


def fill(database: str, *, shared: Path) -> None:
    """Migrate as the first worker, for all; the others read what it wrote down."""
    with locked(shared.parent / "template.lock"):
        if not shared.exists():
            migrate(database)
            for old in shared.parent.glob("template_*.sql"):
                old.unlink()
            written = shared.with_suffix(".part")
            written.write_text(run("pg_dump", database))
            written.rename(shared)
            return
    told = shared.read_text() + AT_HOME
    run("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", database, text=told)


def migrate(database: str) -> None:
    connection.settings_dict["NAME"] = database
    # Migrations make and forget thousands of classes: to search them for rubbish meanwhile
    # costs a third of the time.
    gc.disable()
    call_command("migrate", verbosity=0)
    gc.enable()
    connection.close()
    connection.settings_dict["NAME"] = NAME


def run(program: str, *arguments: str, text: str = "") -> str:
    """Run one of PostgreSQL's programs on this worker's server."""
    cluster = settings.EMBEDDED_POSTGRES
    where = (f"--host={cluster.sockets}", "--username=postgres")
    _, said = cluster.run(program, *where, *arguments, text=text)
    return said


def migrations_hash() -> str:
    digest = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for file in sorted(Path(app.path).glob("migrations/*.py")):
            digest.update(f"{app.label}/{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def server() -> psycopg.Connection:
    cluster = settings.EMBEDDED_POSTGRES
    cluster.ensure()
    return psycopg.connect(
        host=str(cluster.sockets), user="postgres", dbname="postgres", autocommit=True
    )
