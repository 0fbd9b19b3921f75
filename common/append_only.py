"""Tables that are written once: a correction is a new row."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def append_only(table: str) -> migrations.RunSQL:
    """Return the migration step that makes the database refuse UPDATE, DELETE and TRUNCATE."""
    return migrations.RunSQL(
        sql=[
            FUNCTION,
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_is_never_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ],
        reverse_sql=[
            f"DROP TRIGGER {table}_is_append_only ON {table}",
            f"DROP TRIGGER {table}_is_never_truncated ON {table}",
        ],
    )
