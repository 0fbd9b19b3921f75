from django.db import migrations, models
from django.db.models import Q

CHAIN = """
CREATE FUNCTION chain_consent_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before record;
BEGIN
    -- A file tells of choices that were made on a version we do not know.
    IF NEW.actor_kind <> 'file' AND NEW.collection_version IS NULL THEN
        SELECT version INTO NEW.collection_version
        FROM consent_collectionpoint WHERE code = NEW.collection_point_id;
    END IF;
    SELECT chain_position, row_hash INTO before FROM consent_consentevent
    WHERE first_customer_id = NEW.customer_id ORDER BY chain_position DESC LIMIT 1;
    NEW.first_customer_id := NEW.customer_id;
    NEW.chain_position := coalesce(before.chain_position, 0) + 1;
    NEW.previous_hash := coalesce(before.row_hash, '');
    NEW.row_hash := consent_event_digest(NEW);
    RETURN NEW;
END $$;

CREATE TRIGGER consent_consentevent_is_chained BEFORE INSERT ON consent_consentevent
FOR EACH ROW EXECUTE FUNCTION chain_consent_event();
"""
NO_CHAIN = """
DROP TRIGGER consent_consentevent_is_chained ON consent_consentevent;
DROP FUNCTION chain_consent_event;
"""
GRANTS = ["given", "renewed"]


class Migration(migrations.Migration):
    dependencies = [("consent", "0015_chain_of_earlier_choices")]
    operations = [
        migrations.AlterField(
            "consentevent", "first_customer_id", models.BigIntegerField(editable=False)
        ),
        migrations.AlterField(
            "consentevent", "chain_position", models.PositiveIntegerField(editable=False)
        ),
        migrations.AlterField(
            "consentevent", "previous_hash", models.BinaryField(max_length=32, editable=False)
        ),
        migrations.AlterField(
            "consentevent", "row_hash", models.BinaryField(max_length=32, editable=False)
        ),
        migrations.RunSQL(CHAIN, NO_CHAIN),
        migrations.AddConstraint(
            "consentevent",
            models.UniqueConstraint(
                fields=["first_customer_id", "chain_position"], name="consent_chain_never_forks"
            ),
        ),
        migrations.AddConstraint(
            "consentevent",
            models.CheckConstraint(
                condition=~Q(act__in=GRANTS)
                | Q(collection_version=None)
                | Q(notice_text__isnull=False),
                name="consent_given_rests_on_a_text_shown",
            ),
        ),
        migrations.AddConstraint(
            "consentevent",
            models.CheckConstraint(
                condition=~Q(act__in=GRANTS)
                | Q(actor_kind__in=["file", "guardian", "subject"])
                | Q(evidence_sealed__isnull=False),
                name="consent_given_for_a_person_has_evidence",
            ),
        ),
    ]
