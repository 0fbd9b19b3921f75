"""About whom a file, or its undo, changed something."""

from django.db import connection

from customers.models import Customer, ImportJob
from customers.operations.imports.tables import PEOPLE, changed, exists


def people_touched(job: ImportJob, *, after: int = 0, limit: int = 20_000) -> list[int]:
    """Return the next ids of customers, above ``after``, about whom a file changed something.

    For whoever reads ``customers.file_imported`` or ``customers.file_undone``, in chunks: a file
    writes no event for each of its rows. The same people are named after an undo; those it
    removed are left out. It is known for 72 hours.
    """
    if not exists(changed(job)):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT person.id FROM {changed(job)} u"
            " JOIN customers_customer person ON person.id = u.id"
            " WHERE u.about = ANY(%s) AND u.id > %s ORDER BY person.id LIMIT %s",
            [[PEOPLE, Customer._meta.db_table], after, limit],
        )
        return [customer for (customer,) in cursor.fetchall()]
