from django.db import migrations

from common.append_only import append_only

BALANCED = """
CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(points) FROM loyalty_entry WHERE transaction_id = NEW.transaction_id) <> 0 THEN
        RAISE EXCEPTION 'the entries of transaction % do not sum to zero', NEW.transaction_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER loyalty_transaction_sums_to_zero
    AFTER INSERT ON loyalty_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced()
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0001_tables")]
    operations = [
        append_only("loyalty_transaction"),
        append_only("loyalty_entry"),
        migrations.RunSQL(BALANCED, "DROP TRIGGER loyalty_transaction_sums_to_zero ON loyalty_entry; DROP FUNCTION refuse_unbalanced()"),
    ]
