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


# Erasing a name from history would be a change; that two records are one person is not. The row
# says all else as before, and only ``move_rows`` opens the door, for as long as it runs.
MOVING = """
CREATE FUNCTION refuse_all_but_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('clientela.moving', true) = TG_TABLE_NAME
       AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION move_rows(of_table text, owner text, which bigint[], new_owner bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('clientela.moving', of_table, true);
    EXECUTE format('UPDATE %I SET %I = $1 WHERE id = ANY($2)', of_table, owner)
        USING new_owner, which;
    PERFORM set_config('clientela.moving', '', true);
END $$
"""
NOT_MOVING = "DROP FUNCTION move_rows; DROP FUNCTION refuse_all_but_move"


def movable(table: str, *, owner: str) -> migrations.RunSQL:
    """Return the step that lets rows of an append-only table change ``owner`` and nothing else."""
    trigger = f"{table}_is_append_only"
    return migrations.RunSQL(
        sql=[
            f"DROP TRIGGER {trigger} ON {table}",
            f"CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_all_but_move('{owner}')",
        ],
        reverse_sql=[
            f"DROP TRIGGER {trigger} ON {table}",
            f"CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        ],
    )


# Somebody's rows stay when they are erased, and say nothing of them any more.
BLANKING = """
CREATE FUNCTION refuse_all_but_move_and_blank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('clientela.moving', true) = TG_TABLE_NAME
       AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0] THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND current_setting('clientela.blanking', true) = TG_TABLE_NAME
       AND to_jsonb(NEW) - TG_ARGV[1] = to_jsonb(OLD) - TG_ARGV[1]
       AND to_jsonb(NEW) ->> TG_ARGV[1] IN ('', '{}') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION blank_rows(of_table text, of_column text, empty text, which bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('clientela.blanking', of_table, true);
    EXECUTE format(
        'UPDATE %1$I SET %2$I = %3$L WHERE id = ANY($1) AND %2$I <> %3$L',
        of_table, of_column, empty
    ) USING which;
    PERFORM set_config('clientela.blanking', '', true);
END $$
"""
NOT_BLANKING = "DROP FUNCTION blank_rows; DROP FUNCTION refuse_all_but_move_and_blank"


def blankable(table: str, *, column: str, owner: str = "") -> migrations.RunSQL:
    """Return the step that lets ``column`` of an append-only table's rows be emptied, by erasure.

    ``owner`` is of a table whose rows can move.
    """
    trigger = f"{table}_is_append_only"

    def trigger_of(function: str) -> tuple[str, str]:
        return (
            f"DROP TRIGGER {trigger} ON {table}",
            f"CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}",
        )

    return migrations.RunSQL(
        sql=trigger_of(f"refuse_all_but_move_and_blank('{owner}', '{column}')"),
        reverse_sql=trigger_of(f"refuse_all_but_move('{owner}')" if owner else "refuse_change()"),
    )
