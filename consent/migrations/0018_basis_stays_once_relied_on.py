from django.db import migrations

KEEP = """
CREATE FUNCTION refuse_change_of_basis() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.basis, NEW.needs_opt_in) IS DISTINCT FROM (OLD.basis, OLD.needs_opt_in)
       AND EXISTS (SELECT FROM consent_consentevent WHERE purpose_id = OLD.code) THEN
        RAISE EXCEPTION 'choices rest on the basis of this purpose'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER consent_purpose_keeps_its_basis BEFORE UPDATE ON consent_purpose
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_basis();
"""
LET_GO = """
DROP TRIGGER consent_purpose_keeps_its_basis ON consent_purpose;
DROP FUNCTION refuse_change_of_basis;
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0017_permissions_end")]
    operations = [migrations.RunSQL(KEEP, LET_GO)]
