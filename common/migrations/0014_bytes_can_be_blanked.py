"""Let ``blank_rows`` empty bytes as well, which say so in another way than text."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_all_but_move_and_blank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('clientela.moving', true) = TG_TABLE_NAME
       AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0] THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND current_setting('clientela.blanking', true) = TG_TABLE_NAME
       AND to_jsonb(NEW) - TG_ARGV[1] = to_jsonb(OLD) - TG_ARGV[1]
       AND to_jsonb(NEW) ->> TG_ARGV[1] IN ('', '{}', '\\x') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0013_block_scope")]
    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
